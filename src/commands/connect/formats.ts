import { dotenv } from './dotenv.ts'
import type { Format } from './format.ts'
import { jsonc } from './jsonc.ts'
import { toml } from './toml.ts'
import { yaml } from './yaml.ts'

export const formatNames = ['jsonc', 'toml', 'yaml', 'dotenv'] as const
export type FormatName = (typeof formatNames)[number]

export const formats: Readonly<Record<FormatName, Format>> = { jsonc, toml, yaml, dotenv }
