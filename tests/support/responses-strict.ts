import type { Loop } from './anthropic-strict.ts'
import { fixture, type Scenario } from './fixtures.ts'
import { asksStream, fixtureEvents, sendStream, sendWhole } from './fixtures-replay.ts'
import { must, strictly } from './fixtures-strict.ts'
import type { Exchange, Script } from './provider.ts'
import { checkResponses } from './responses-rules.ts'

/** The reasoning and the calls of the first answer must come back as they were and in their order. */
const checkReplay = (items: readonly any[], first: Scenario): void => {
  const { output } = JSON.parse(fixture('responses', first).json)
  const kept = (list: readonly any[]) =>
    list.flatMap(({ type, id, encrypted_content, call_id, name, arguments: args, input }) => {
      if (type === 'reasoning') return [[type, id, encrypted_content]]
      if (type === 'function_call') return [[type, call_id, name, args]]
      return type === 'custom_tool_call' ? [[type, call_id, name, input]] : []
    })
  const expected = kept(output)
  const came = kept(items).slice(-expected.length)
  for (const [at, [type, id]] of expected.entries()) {
    must(
      came.some(([, other]) => other === id),
      type === 'reasoning'
        ? `Item 'fc_…' of type 'function_call' was provided without its required 'reasoning' item: '${id}'.`
        : `No tool call found with call_id ${id}.`,
      { param: 'input' },
    )
    must(
      Bun.deepEquals(came[at], expected[at]),
      `Item '${id}' of type '${type}' is not that of the response, or not in its place.`,
      { param: 'input' },
    )
  }
}

/** Encrypted reasoning is told only to those who ask. */
const told = (request: Exchange['request'], text: string): string =>
  request.json.include?.includes('reasoning.encrypted_content')
    ? text
    : text.replace(/("encrypted_content": ?)"[^"]*"/g, '$1null')

const replays =
  (scenario: Scenario): Script =>
  (exchange) => {
    const { request } = exchange
    if (!asksStream('responses', request)) {
      return sendWhole('responses', told(request, fixture('responses', scenario).json))(exchange)
    }
    const events = fixtureEvents('responses', scenario, request)
    return sendStream(
      'responses',
      events.map((event) => told(request, event)),
    )(exchange)
  }

/** A Responses API that keeps its own rules and plays a tool loop: see `strictAnthropic`. */
export const strictResponses = ({
  first = 'reasoning_tool',
  last = 'after_tool',
}: Loop = {}): Script =>
  strictly('responses', ({ request: { path, json, headers } }) => {
    must(path.split('?')[0]!.endsWith('/responses'), `Invalid URL (POST ${path})`, { status: 404 })
    const items = checkResponses(json, headers)
    if (!items.at(-1)?.type?.endsWith('_output')) {
      return replays(json.tools?.length ? first : 'reasoning')
    }
    const asked = items.findLastIndex(({ role }) => role === 'user')
    checkReplay(items.slice(asked + 1), first)
    return replays(last)
  })
