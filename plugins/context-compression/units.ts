import type { Message } from 'sluice/plugin'
import { tokensIn } from './tokens.ts'

/** Messages that stay or go together: a call of tools has its results with it. */
export interface Unit {
  readonly messages: readonly Message[]
  readonly tokens: number
  /** It never goes: who speaks of everything, who began, who spoke last. */
  readonly kept: boolean
}

const isResult = ({ role }: Message): boolean => role === 'tool' || role === 'function'
export const isSystem = ({ role }: Message): boolean => role === 'system' || role === 'developer'

const callsTools = ({ tool_calls, function_call }: Message): boolean =>
  Boolean(tool_calls?.length || function_call)

/** For each call of tools where the last of its results stands, whatever is said in between. */
const endsOf = (messages: readonly Message[]): ReadonlyMap<number, number> => {
  const calls = new Map<unknown, number>()
  const ends = new Map<number, number>()
  let last: number | undefined
  for (const [at, message] of messages.entries())
    if (callsTools(message)) {
      last = at
      for (const { id } of message.tool_calls ?? []) if (id !== undefined) calls.set(id, at)
    } else if (isResult(message)) {
      const call = calls.get(message.tool_call_id) ?? last
      if (call !== undefined) ends.set(call, at)
    }
  return ends
}

const groupsOf = (messages: readonly Message[]): readonly (readonly Message[])[] => {
  const ends = endsOf(messages)
  const groups: (readonly Message[])[] = []
  for (let start = 0; start < messages.length;) {
    let end = start
    for (let at = start; at <= end; at++) end = Math.max(end, ends.get(at) ?? at)
    groups.push(messages.slice(start, end + 1))
    start = end + 1
  }
  return groups
}

/** A conversation in units, in order. */
export const unitsOf = (messages: readonly Message[]): readonly Unit[] => {
  const groups = groupsOf(messages)
  const isSaid = (group: readonly Message[]) => !group.some(isSystem)
  const isUsers = (group: readonly Message[]) => group.some(({ role }) => role === 'user')
  const kept = new Set([groups.findIndex(isSaid), groups.findLastIndex(isUsers), groups.length - 1])
  return groups.map((group, at) => ({
    messages: group,
    tokens: group.reduce((sum, message) => sum + tokensIn(message), 0),
    kept: kept.has(at) || !isSaid(group),
  }))
}
