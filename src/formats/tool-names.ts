import { isObject, listOf } from '../fields.ts'
import { createHash } from 'node:crypto'
import type { Chunk, Message, Request, ToolCall } from '../chat.ts'

/** What a format takes as a tool's name. */
export interface NameRule {
  /** Matches each character that it refuses. */
  readonly refused: RegExp
  readonly longest: number
}

/** The names of one call's tools as the provider takes them. */
export interface ToolNames {
  /** The request with every refused name replaced; itself where there is none. */
  replace(request: Request): Request
  /** The answer's chunk with the client's own names; itself where it has none of the others. */
  restore(chunk: Chunk): Chunk
}

const markOf = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 8)

/** A name that is taken, the same for the same name in every turn, so that prompts stay cached. */
const toTaken = (name: string, { refused, longest }: NameRule): string => {
  const taken = name.replace(refused, '_')
  if (taken === name && name.length <= longest) return name
  return `${taken.slice(0, longest - 9)}_${markOf(name)}`
}

const kinds = ['function', 'custom'] as const

/** A tool, a call or a choice of one, with its name changed. */
const renamed = <T>(value: T, change: (name: string) => string): T => {
  if (!isObject(value)) return value
  for (const kind of kinds) {
    const made = value[kind]
    if (!isObject(made) || typeof made.name !== 'string') continue
    const name = change(made.name)
    return name === made.name ? value : { ...value, [kind]: { ...made, name } }
  }
  return value
}

const renamedChoice = (choice: unknown, change: (name: string) => string): unknown => {
  if (!isObject(choice) || !isObject(choice.allowed_tools)) return renamed(choice, change)
  const tools = listOf(choice.allowed_tools.tools).map((tool) => renamed(tool, change))
  return { ...choice, allowed_tools: { ...choice.allowed_tools, tools } }
}

const changedList = <T>(list: readonly T[], change: (item: T) => T): readonly T[] => {
  const next = list.map(change)
  return next.every((item, at) => item === list[at]) ? list : next
}

const nameOf = (tool: unknown): readonly string[] => {
  const made = isObject(tool) ? (tool.function ?? tool.custom) : undefined
  return isObject(made) && typeof made.name === 'string' ? [made.name] : []
}

export const createToolNames = ({ tools }: Request, rule: NameRule): ToolNames => {
  const originals = new Map(
    listOf(tools)
      .flatMap(nameOf)
      .map((name) => [toTaken(name, rule), name] as const)
      .filter(([taken, name]) => taken !== name),
  )
  const take = (name: string) => toTaken(name, rule)
  const giveBack = (name: string) => originals.get(name) ?? name
  const ofMessage = (message: Message): Message => {
    if (!Array.isArray(message.tool_calls)) return message
    const tool_calls = changedList(message.tool_calls as readonly ToolCall[], (call) =>
      renamed(call, take),
    )
    return tool_calls === message.tool_calls ? message : { ...message, tool_calls }
  }
  return {
    replace(request) {
      const messages = request.messages && changedList(request.messages, ofMessage)
      if (originals.size === 0 && messages === request.messages) return request
      const { tools: known, tool_choice } = request
      return {
        ...request,
        ...(Array.isArray(known) && { tools: known.map((tool: unknown) => renamed(tool, take)) }),
        ...(tool_choice !== undefined && { tool_choice: renamedChoice(tool_choice, take) }),
        ...(messages && { messages }),
      }
    },
    restore(chunk) {
      if (originals.size === 0 || !chunk.choices) return chunk
      const choices = changedList(chunk.choices, (choice) => {
        const { delta } = choice
        if (!delta?.tool_calls) return choice
        const tool_calls = changedList(delta.tool_calls, (call) => renamed(call, giveBack))
        return tool_calls === delta.tool_calls
          ? choice
          : { ...choice, delta: { ...delta, tool_calls } }
      })
      return choices === chunk.choices ? chunk : { ...chunk, choices }
    },
  }
}
