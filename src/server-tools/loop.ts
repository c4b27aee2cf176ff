import type { Call, Chunk, Delta, Handler, Message, Request, Usage } from '../chat.ts'
import { GatewayError } from '../errors.ts'
import { toDollars, toNanos } from '../catalog/money.ts'
import { listOf } from '../fields.ts'
import { charges } from '../ledger/charge.ts'
import { batchesOf, type Batch } from '../stream.ts'
import { stages } from '../told.ts'
import { createBounds } from './bounds.ts'
import { detailOf, replayed } from './detail.ts'
import { loosened, type Registry } from './offer.ts'
import { runAll, type Ran } from './run.ts'
import { createTold } from './told.ts'
import { typeOf } from './tool.ts'
import { createTurn, type Requested } from './turn.ts'
import { sumOf, withCalls } from './usage.ts'

/** Finishes after which a call may be half of one. */
const cutOff = new Set(['length', 'content_filter', 'error'])

const search = 'openrouter:web_search'

const spentOn = (call: Call): number =>
  call.vars.get(charges).reduce((sum, { cost }) => sum + (cost ?? 0), 0)

const isOneText = (value: unknown): value is string => typeof value === 'string'

/** The answer to a call whose tools are ours, in as many turns as the model takes; to the client it is one. */
export async function* runLoop(
  call: Call,
  next: Handler,
  registry: Registry,
): AsyncGenerator<Batch> {
  const bounds = createBounds(call.request)
  const { max_tool_calls: _calls, stop_server_tools_when: _when, ...asked } = call.request
  let messages = replayed(asked.messages, registry)
  let request: Request = { ...asked, messages }
  if (bounds.none) request = { ...request, tool_choice: 'none' }
  const told = createTold()
  const ids = new Set<string>()
  const uses = new Map<string, number>()
  const ran: Ran[] = []
  const annotations: unknown[] = []
  const before = spentOn(call)
  let requested = 0
  let steps = 0
  let usage: Usage | undefined
  let over = bounds.none

  const piece = (delta: Delta): Batch => ({
    chunks: [told.named({ choices: [{ index: 0, delta, finish_reason: null }] })],
  })

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
    usage = sumOf(usage, turn.usage)
    const { ending } = turn
    if (!ending && !told.some && !turn.callsOurs) return

    const message = turn.message(ids)
    const runs = turn.callsOurs && !over && !cutOff.has(turn.finish ?? '')
    if (runs) {
      const mine = listOf(message.tool_calls).flatMap((one): Requested[] => {
        const { id, function: called } = one as { id: string; function?: Record<string, unknown> }
        const name = called?.name
        return isOneText(name) && registry.has(name)
          ? [{ id, name, arguments: isOneText(called?.arguments) ? called.arguments : '' }]
          : []
      })
      requested += mine.length
      steps++
      const results: Ran[] = []
      for (const running of runAll(mine, (name) => registry.get(name), uses, call)) {
        const one = await running
        results.push(one)
        ran.push(one)
        const { result, tool } = one
        if (result.cost !== undefined)
          call.vars.get(charges).push({ endpoint: tool.name, ms: 0, cost: toNanos(result.cost) })
        annotations.push(...(result.annotations ?? []))
        yield piece({ reasoning_details: [detailOf(one, told.detail())] })
      }
      if (!turn.callsClient) {
        told.turn()
        const tokens = usage?.total_tokens ?? 0
        over = bounds.isReached({ steps, tokens, cost: toDollars(spentOn(call) - before) }, turn)
        const answers = results.map(({ requested: { id }, result }): Message => ({
          role: 'tool',
          tool_call_id: id,
          content: result.text,
        }))
        const { tool_choice } = request
        messages = [...messages, message, ...answers]
        request = {
          ...request,
          messages,
          ...(over
            ? { tool_choice: 'none' }
            : tool_choice !== undefined && { tool_choice: loosened(tool_choice) }),
        }
        if (call.signal.aborted) throw new GatewayError('client_closed')
        continue
      }
    }

    if (annotations.length > 0) yield piece({ annotations })
    const executed = ran.filter((one) => one.executed)
    const searches = executed.filter(({ tool }) => typeOf(tool) === search).length
    if (ran.length > 0)
      call.vars.get(stages).push({
        type: 'server_tools',
        name: [...new Set(ran.map(({ tool }) => typeOf(tool)))].join(', '),
        summary: `${executed.length} of ${requested} tool calls made in ${steps} turns`,
        data: { calls: executed.length },
      })
    const [choice] = ending?.choices ?? []
    const finish_reason =
      choice?.finish_reason === 'tool_calls' && !turn.callsClient ? 'stop' : choice?.finish_reason
    if (ending && choice)
      yield {
        chunks: [told.named({ ...ending, choices: [{ ...choice, finish_reason }] }) as Chunk],
      }
    if (usage) {
      const counted = { requested, executed: executed.length, searches }
      yield { chunks: [told.named({ choices: [], usage: withCalls(usage, counted) })] }
    }
    return
  }
}
