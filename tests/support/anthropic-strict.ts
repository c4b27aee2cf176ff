import { checkAnthropic, type Turn } from './anthropic-rules.ts'
import { fixture, type Scenario } from './fixtures.ts'
import { replaysFixture, sendWhole } from './fixtures-replay.ts'
import { must, strictly } from './fixtures-strict.ts'
import type { Script } from './provider.ts'

export interface Loop {
  /** What the first request gets: an answer that calls tools. */
  readonly first?: Scenario
  /** What the tools' results get. */
  readonly last?: Scenario
}

/** The blocks of the first answer that the next request must bring back as they were. */
const checkReplay = (turn: Turn | undefined, first: Scenario): void => {
  const { content } = JSON.parse(fixture('anthropic', first).json)
  const ids = (blocks: readonly any[]) =>
    blocks.filter(({ type }) => type === 'tool_use').map(({ id, name, input }) => [id, name, input])
  const thoughts = (blocks: readonly any[]) =>
    blocks
      .filter(({ type }) => type === 'thinking' || type === 'redacted_thinking')
      .map(({ signature, data, thinking }) => [signature ?? data, thinking])
  const same = (a: unknown, b: unknown): boolean => Bun.deepEquals(a, b)
  const blocks = turn?.blocks ?? []
  must(
    same(thoughts(blocks), thoughts(content)),
    'messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.',
  )
  must(
    same(ids(blocks), ids(content)),
    'messages.1: the `tool_use` blocks are not those of the response',
  )
}

/**
 * A Messages API that keeps its own rules and plays a tool loop: thoughts and a call first, then, once the results
 * have come back beside the unchanged thoughts, a text. Without tools in the request it thinks and says a text.
 */
export const strictAnthropic = ({
  first = 'reasoning_tool',
  last = 'after_tool',
}: Loop = {}): Script =>
  strictly('anthropic', ({ request: { path, json, headers } }) => {
    const counting = path.split('?')[0]!.endsWith('/count_tokens')
    must(counting || path.split('?')[0]!.endsWith('/messages'), 'Not Found', { status: 404 })
    const turns = checkAnthropic(json, headers, counting)
    if (counting) return sendWhole('anthropic', { input_tokens: 2095 })
    const results = turns.at(-1)?.blocks.some(({ type }) => type === 'tool_result')
    if (!results) return replaysFixture('anthropic', json.tools?.length ? first : 'reasoning')
    checkReplay(turns.at(-2), first)
    return replaysFixture('anthropic', last)
  })
