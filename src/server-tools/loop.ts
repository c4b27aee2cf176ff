import type { Call, Delta, Handler, Message, Request } from '../chat.ts'
import { GatewayError } from '../errors.ts'
import { lastWords } from '../kept.ts'
import { withRunning } from '../server-call.ts'
import { batchesOf, type Batch } from '../stream.ts'
import { createBounds } from './bounds.ts'
import { detailOf, replayed } from './detail.ts'
import { loosened, type Registry } from './offer.ts'
import { runAll, type Ran } from './run.ts'
import { createTally } from './tally.ts'
import { createTold } from './told.ts'
import { typeOf } from './tool.ts'
import { createTurn, type Requested } from './turn.ts'

const answerTo = ({ requested: { id }, result }: Ran): Message => ({
  role: 'tool',
  tool_call_id: id,
  content: result.text,
})

/** The calls of our tools in a message. */
const ours = ({ tool_calls: calls = [] }: Message, registry: Registry): Requested[] =>
  calls.flatMap(({ id = '', function: called }) => {
    const tool = registry.get(called?.name ?? '')
    return tool ? [{ id, tool, name: called?.name ?? '', arguments: called?.arguments ?? '' }] : []
  })

/** The answer to a call whose tools are ours, in as many turns as the model takes; to the client it is one. */
export async function* runLoop(
  call: Call,
  next: Handler,
  registry: Registry,
): AsyncGenerator<Batch> {
  const bounds = createBounds(call.request)
  const { max_tool_calls: _calls, stop_server_tools_when: _when, ...asked } = call.request
  let messages = replayed(asked.messages, registry)
  let request: Request = { ...asked, messages, ...(bounds.none && { tool_choice: 'none' }) }
  let over = bounds.none
  const told = createTold()
  const tally = createTally(call)
  const ids = new Set(
    messages.flatMap(({ tool_calls }) => (tool_calls ?? []).map(({ id = '' }) => id)),
  )
  const uses = new Map<string, number>()
  const annotations: unknown[] = []

  const piece = (delta: Delta) =>
    told.named({ choices: [{ index: 0, delta, finish_reason: null }] })

  for (;;) {
    const turn = createTurn(told, (name) => registry.has(name))
    const batches = batchesOf(next({ ...call, request }))
    try {
      for (;;) {
        const { done, value } = await batches.next()
        if (done) break
        const shown = turn.push(value)
        if (shown) yield shown
      }
    } finally {
      await batches.return?.()
    }
    tally.turn(turn.usage)
    if (!turn.changed) return

    if (turn.callsOurs && !over) {
      const message = turn.message(ids)
      const requested = ours(message, registry)
      tally.step()
      for (const { id, tool, arguments: json } of requested) {
        const running = { id, type: typeOf(tool), arguments: json }
        yield { chunks: [withRunning(piece({}), running)] }
      }
      const answers: Message[] = []
      for (const running of runAll(requested, uses, call)) {
        const ran = await running
        tally.ran(ran)
        answers.push(answerTo(ran))
        annotations.push(...(ran.result.annotations ?? []))
        yield { chunks: [piece({ reasoning_details: [detailOf(ran, told.detail())] })] }
      }
      if (!turn.callsClient) {
        if (call.signal.aborted) throw new GatewayError('client_closed')
        told.turn()
        over = bounds.isReached(tally.spent, turn)
        messages = [...messages, message, ...answers]
        const { tool_choice } = request
        const choice = over ? 'none' : loosened(tool_choice)
        request = { ...request, messages, ...(choice !== undefined && { tool_choice: choice }) }
        continue
      }
    }

    // the provider's last words are those of one turn, not of the whole answer
    call.vars.set(lastWords, undefined)
    tally.tell()
    if (annotations.length > 0) yield { chunks: [piece({ annotations })] }
    const { ending } = turn
    if (ending) yield { chunks: [told.named(ending)] }
    const { usage } = tally
    if (usage) yield { chunks: [told.named({ choices: [], usage })] }
    return
  }
}
