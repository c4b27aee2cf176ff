import type { Env } from '../../config/model.ts'
import type { Setting } from './edit.ts'
import type { FormatName } from './formats.ts'

export interface Target {
  /** The gateway's root, without a slash at the end. */
  readonly url: string
  readonly model: string | undefined
  /** Missing when the gateway asks for none. */
  readonly key: string | undefined
  /** The agent's own folder. */
  readonly dir: string
  readonly home: string
  readonly env: Env
}

export interface AgentFile {
  readonly file: string
  readonly format: FormatName
  readonly settings: readonly Setting[]
}

/** A coding agent, and what of its configuration points it at a gateway. */
export interface Agent {
  readonly name: string
  readonly title: string
  /** The program that starts it, where there is one. */
  readonly program?: string
  dir(env: Env, home: string): string
  /** Whether its configuration has to name a model. */
  readonly needsModel: boolean
  files(target: Target): readonly AgentFile[] | Promise<readonly AgentFile[]>
  /** What is left to be done by hand, a line each. */
  steps(target: Target): readonly string[] | Promise<readonly string[]>
}

/** The environment variable from which agents that can do so read the gateway's key. */
export const KEY_VARIABLE = 'SLUICE_API_KEY'

/** Agents refuse to start without any key, also where the gateway asks for none. */
export const keyOf = ({ key }: Target): string => key ?? 'anything'

/** The line for the shell's profile, unless the shell has it already. */
export const exportLine = ({ key, env }: Target): readonly string[] =>
  key === undefined || env[KEY_VARIABLE] === key
    ? []
    : [`Put into your shell's profile: export ${KEY_VARIABLE}=${key}`]
