import type { Message, ToolCall } from '../chat.ts'
import { listOf, type Fields } from '../fields.ts'
import { isServerCall as isCall, serverCall } from '../server-call.ts'
import type { Registry } from './offer.ts'
import type { Ran } from './run.ts'
import { typeOf } from './tool.ts'

/** A call and its result as the client gets them, and gives them back. */
export const detailOf = ({ requested, result }: Ran, index: number): Fields => ({
  type: serverCall,
  tool_name: typeOf(requested.tool),
  arguments: requested.arguments,
  result: result.text,
  tool_call_id: requested.id,
  index,
  ...(result.failed && { failed: true }),
  ...(result.sources && { sources: result.sources }),
})

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

interface Step {
  readonly thoughts: readonly unknown[]
  readonly calls: readonly Fields[]
}

/** What was thought, and then called, again and again; what was thought at last is the rest. */
const stepsIn = (details: readonly unknown[]) => {
  const steps: { thoughts: unknown[]; calls: Fields[] }[] = []
  let thoughts: unknown[] = []
  for (const detail of details) {
    const last = steps.at(-1)
    if (!isCall(detail)) thoughts.push(detail)
    else if (last && thoughts.length === 0) last.calls.push(detail)
    else {
      steps.push({ thoughts, calls: [detail] })
      thoughts = []
    }
  }
  return { steps, rest: thoughts }
}

/** A message with what it tells of tools of ours as the calls and results that they were. */
const replay = (message: Message, nameOf: (type: string) => string): readonly Message[] => {
  const details = listOf(message.reasoning_details)
  if (message.role !== 'assistant' || !details.some(isCall)) return [message]
  const { steps, rest } = stepsIn(details)
  let made = 0
  const told = ({ thoughts, calls }: Step, said: Message): readonly Message[] => {
    const named = calls.map((detail) => ({
      detail,
      id: textOf(detail.tool_call_id) || `call_replayed_${made++}`,
    }))
    const ours = named.map(({ detail, id }): ToolCall => {
      const name = nameOf(textOf(detail.tool_name))
      return { id, type: 'function', function: { name, arguments: textOf(detail.arguments) } }
    })
    const { reasoning_details: _details, ...words } = said
    return [
      {
        ...words,
        ...(thoughts.length > 0 && { reasoning_details: thoughts }),
        tool_calls: [...ours, ...(said.tool_calls ?? [])],
      },
      ...named.map(({ detail, id }) => ({
        role: 'tool',
        tool_call_id: id,
        content: textOf(detail.result),
      })),
    ]
  }
  // a copy without symbols: the provider's own words are not true of its parts
  const said = Object.fromEntries(Object.entries(message)) as Message
  const silent = { role: 'assistant', content: null }
  const last = steps.at(-1)
  // tools of the client's that were called in one turn with ours
  if (last && rest.length === 0 && (message.tool_calls?.length ?? 0) > 0)
    return [...steps.slice(0, -1).flatMap((step) => told(step, silent)), ...told(last, said)]
  const { reasoning_details: _details, ...words } = said
  return [
    ...steps.flatMap((step) => told(step, silent)),
    { ...words, ...(rest.length > 0 && { reasoning_details: rest }) },
  ]
}

/** A conversation as the model led it. */
export const replayed = (
  messages: readonly Message[] | undefined,
  registry: Registry,
): readonly Message[] => {
  const nameOf = (asked: string): string => {
    for (const [name, tool] of registry) if (typeOf(tool) === asked) return name
    return asked.replace(/^openrouter:/, '').replace(/[^\w-]/g, '_') || 'tool'
  }
  const next = (messages ?? []).flatMap((message) => replay(message, nameOf))
  return next.length === messages?.length ? messages : next
}
