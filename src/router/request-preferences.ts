import { safeParse } from 'valibot'
import type { Request } from '../chat.ts'
import { preferencesSchema, type Preferences } from '../preferences.ts'
export const preferencesOf = ({ provider }: Request): Preferences | undefined => {
  if (typeof provider !== 'object' || provider === null) return undefined
  const { success, output } = safeParse(preferencesSchema, provider)
  return success ? output : undefined
}
