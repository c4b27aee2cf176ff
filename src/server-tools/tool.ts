import type { Call, Chunk, Handler } from '../chat.ts'

/** What came out of a tool: for the model, and what the client is shown of it. */
export interface ToolResult {
  /** What the model reads. */
  readonly text: string
  /** Added to the answer, at its end: `url_citation` and the like. */
  readonly annotations?: readonly unknown[]
  /** Dollars; the loop charges the call with them. */
  readonly cost?: number
  readonly failed?: boolean
  /** Where it was found. */
  readonly sources?: readonly Source[]
}

export interface Source {
  readonly url: string
  readonly title?: string
}

/** A tool that the gateway runs by itself when a model calls it. */
export interface ServerTool {
  /** As the model calls it; changed where the client has a function of that name. */
  readonly name: string
  /** Its `type` in a request's `tools`; `openrouter:` and the name by default. */
  readonly type?: string
  readonly description: string
  /** JSON Schema of the arguments. */
  readonly parameters: object
  /** In one request; the model is told when there are no more. */
  readonly maxUses?: number
  /**
   * Ordinary failures are told in the text; what is thrown fails the call. `call.signal` aborts when the client has left or
   * the tool took too long.
   */
  execute(args: unknown, call: Call): Promise<ToolResult>
}

/** The tool that an entry of a request's `tools` asks for. */
export type Replaces = (entry: unknown) => ServerTool | undefined

export type WithTools = (
  call: Call,
  next: Handler,
  tools: readonly ServerTool[],
  replaces?: Replaces,
) => AsyncIterable<Chunk>

export const typeOf = ({ type, name }: ServerTool): string => type ?? `openrouter:${name}`
