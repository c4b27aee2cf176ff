import type { Loop } from './anthropic-strict.ts'
import { checkOpenAI } from './fixtures-openai-rules.ts'
import { fixture, type Scenario } from './fixtures.ts'
import { replaysFixture } from './fixtures-replay.ts'
import { must, strictly } from './fixtures-strict.ts'
import type { Script } from './provider.ts'

const seals = (details: readonly any[] = []) =>
  details
    .map(({ type, text, signature, data }) => [type, text, signature, data])
    .filter(([, , signature, data]) => signature ?? data)

const checkReplay = (message: any, first: Scenario, router: boolean): void => {
  const answer = JSON.parse(fixture('openai', first).json).choices[0].message
  must(
    Bun.deepEquals(message?.tool_calls, answer.tool_calls),
    "messages: the 'tool_calls' are not those of the response",
  )
  if (!router) return
  must(
    Bun.deepEquals(seals(message.reasoning_details), seals(answer.reasoning_details)),
    'messages: `reasoning_details` of the latest assistant message must remain as they were in the original response',
  )
}

const loop = ({ first = 'tool', last = 'after_tool' }: Loop, router: boolean): Script =>
  strictly('openai', ({ request: { path, json, headers } }) => {
    must(path.split('?')[0]!.endsWith('/chat/completions'), `Invalid URL (POST ${path})`, {
      status: 404,
    })
    const messages = checkOpenAI(json, headers, router)
    if (messages.at(-1).role !== 'tool') {
      return replaysFixture('openai', json.tools?.length ? first : router ? 'reasoning' : 'text')
    }
    checkReplay(
      messages.findLast(({ role }) => role === 'assistant'),
      first,
      router,
    )
    return replaysFixture('openai', last)
  })

/** OpenAI's chat completions, which keeps its own rules and plays a tool loop; it shows no reasoning and takes none. */
export const strictOpenAI = (turns: Loop = {}): Script => loop(turns, false)

/** A router that speaks OpenAI's format: `reasoning_details` must come back as they were. */
export const strictOpenRouter = (turns: Loop = {}): Script =>
  loop({ first: 'reasoning_tool', ...turns }, true)
