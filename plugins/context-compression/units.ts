import type { Message } from 'sluice/plugin'
import { tokensIn } from './tokens.ts'

/** Messages that stay or go together: a call of tools has its results with it. */
export interface Unit {
  readonly messages: readonly Message[]
  readonly tokens: number
  /** It is never left out: system messages, the first message, the user's last one, the last one. */
  readonly kept: boolean
}

const isResult = ({ role }: Message): boolean => role === 'tool' || role === 'function'
export const isSystem = ({ role }: Message): boolean => role === 'system' || role === 'developer'

const callsTools = ({ tool_calls, function_call }: Message): boolean =>
  Boolean(tool_calls?.length || function_call)

/** A conversation in units, in order. */
export const unitsOf = (messages: readonly Message[]): readonly Unit[] => {
  const groups: Message[][] = []
  for (const message of messages) {
    const open = groups.at(-1)
    const [first] = open ?? []
    if (open && first && callsTools(first) && isResult(message)) open.push(message)
    else groups.push([message])
  }
  const isSaid = ([first]: readonly Message[]) => first !== undefined && !isSystem(first)
  const isUsers = ([first]: readonly Message[]) => first?.role === 'user'
  const kept = new Set([groups.findIndex(isSaid), groups.findLastIndex(isUsers), groups.length - 1])
  return groups.map((group, at) => ({
    messages: group,
    tokens: group.reduce((sum, message) => sum + tokensIn(message), 0),
    kept: kept.has(at) || !isSaid(group),
  }))
}
