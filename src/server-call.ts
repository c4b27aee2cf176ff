import { isObject, type Fields } from './fields.ts'
import type { Chunk } from './chat.ts'

/** What `reasoning_details` call a tool that was run here, with its result. */
export const serverCall = 'reasoning.server_tool_call'

export const isServerCall = (detail: unknown): detail is Fields =>
  isObject(detail) && detail.type === serverCall

export const searchTool = 'openrouter:web_search'
export const fetchTool = 'openrouter:web_fetch'

/** A tool that begins to run. */
export interface Running {
  readonly id: string
  /** `openrouter:web_search` and the like. */
  readonly type: string
  /** JSON. */
  readonly arguments: string
}

const running = Symbol('running')

/** A chunk that says nothing, but that a tool begins to run: formats that have words for that show it. */
export const withRunning = (chunk: Chunk, tool: Running): Chunk =>
  Object.assign({ ...chunk }, { [running]: tool })

export const runningIn = (chunk: Chunk): Running | undefined =>
  Reflect.get(chunk, running) as Running | undefined

/** The arguments of a call as the object that they should be. */
export const argumentsOf = (json: unknown): Fields => {
  try {
    const value: unknown = typeof json === 'string' ? JSON.parse(json) : undefined
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}
