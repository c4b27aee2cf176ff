import type { Call } from '../chat.ts'
import { GatewayError } from '../errors.ts'
import type { ServerTool, ToolResult } from './tool.ts'
import type { Requested } from './turn.ts'

/** How many run at once, and how many one turn may ask for. */
const atOnce = 8
const mostInTurn = 32

/** Milliseconds. */
const patience = 120_000

export interface Ran {
  readonly requested: Requested
  readonly result: ToolResult
  /** Whether the tool did anything. */
  readonly executed: boolean
}

const failure = (text: string): ToolResult => ({ text, failed: true })

const parsed = (text: string): { readonly args: unknown } | undefined => {
  try {
    return { args: text.trim() === '' ? {} : JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** The result; in the end, that it took too long. Rejects when the client has left. */
const execute = async (tool: ServerTool, args: unknown, call: Call): Promise<ToolResult> => {
  const { promise, resolve, reject } = Promise.withResolvers<ToolResult>()
  const controller = new AbortController()
  const leave = () => {
    controller.abort(call.signal.reason)
    reject(new GatewayError('client_closed'))
  }
  const timer = setTimeout(() => {
    controller.abort()
    resolve(failure('The tool took too long and was stopped.'))
  }, patience)
  call.signal.addEventListener('abort', leave, { once: true })
  if (call.signal.aborted) leave()
  else tool.execute(args, { ...call, signal: controller.signal }).then(resolve, reject)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    call.signal.removeEventListener('abort', leave)
  }
}

/** Runs the calls of one turn, several at once; their results come in the calls' order. */
export const runAll = (
  calls: readonly Requested[],
  uses: Map<string, number>,
  call: Call,
): readonly Promise<Ran>[] => {
  let running = 0
  const waiting: (() => void)[] = []
  const enter = async (): Promise<void> => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    running++
  }
  const leave = () => {
    running--
    waiting.shift()?.()
  }
  return calls.map((requested, at): Promise<Ran> => {
    const { tool } = requested
    const refuse = async (text: string): Promise<Ran> => ({
      requested,
      result: failure(text),
      executed: false,
    })
    const given = parsed(requested.arguments)
    if (at >= mostInTurn) return refuse('Too many calls at once: this one was not made.')
    if (!given) return refuse('The arguments are not valid JSON: the call was not made.')
    const used = uses.get(requested.name) ?? 0
    if (used >= (tool.maxUses ?? Infinity))
      return refuse('This tool may not be called any more in this answer: max_uses_exceeded.')
    uses.set(requested.name, used + 1)
    const run = async (): Promise<Ran> => {
      await enter()
      try {
        return { requested, result: await execute(tool, given.args, call), executed: true }
      } finally {
        leave()
      }
    }
    const ran = run()
    // who comes first fails the call; the others have nobody to tell
    ran.catch(() => undefined)
    return ran
  })
}
