import { describe, expect, test } from 'bun:test'
import { isClaudes, toFinish, toStopReason } from '../../src/formats/anthropic.ts'
import {
  fromAnthropicUsage,
  toAnthropicUsage,
  toDeltaUsage,
} from '../../src/formats/anthropic/usage.ts'
import { createRandom } from '../support/random.ts'

describe('finishes', () => {
  test.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['pause_turn', 'stop'],
    ['tool_use', 'tool_calls'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'content_filter'],
    ['tomorrow', 'stop'],
  ])('%s is %s, and comes back', (reason, finish) => {
    expect(toFinish(reason)).toBe(finish)
    expect(toStopReason(finish, reason)).toBe(reason === 'tomorrow' ? 'end_turn' : reason)
  })

  test.each([
    ['stop', 'end_turn'],
    ['length', 'max_tokens'],
    ['tool_calls', 'tool_use'],
    ['function_call', 'tool_use'],
    ['content_filter', 'refusal'],
    ['error', 'end_turn'],
    [null, 'end_turn'],
  ])('%s is %s', (finish, reason) => {
    expect(toStopReason(finish, 'SAFETY')).toBe(reason)
  })
})

test('usage there and back is the same', () => {
  for (let seed = 1; seed < 200; seed++) {
    const random = createRandom(seed)
    const count = () => Math.floor(random() * 1_000)
    const write5m = count()
    const write1h = count()
    const usage = {
      input_tokens: count(),
      output_tokens: count(),
      cache_read_input_tokens: count(),
      cache_creation_input_tokens: write5m + write1h,
      cache_creation: { ephemeral_5m_input_tokens: write5m, ephemeral_1h_input_tokens: write1h },
      output_tokens_details: { thinking_tokens: count() },
      server_tool_use: { web_search_requests: count(), web_fetch_requests: 0 },
    }
    const canonical = fromAnthropicUsage(usage)
    expect(canonical.total_tokens).toBe(
      canonical.prompt_tokens + Number(canonical.completion_tokens),
    )
    expect(toAnthropicUsage(canonical)).toMatchObject(usage)
    expect(toDeltaUsage(canonical)).toMatchObject(usage)
  }
})

test('what is not known is no number', () => {
  expect(fromAnthropicUsage({ input_tokens: 1, cache_read_input_tokens: null })).toEqual({
    prompt_tokens: 1,
    completion_tokens: 0,
    total_tokens: 1,
    prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
  })
  expect(toAnthropicUsage(undefined)).toMatchObject({
    input_tokens: 0,
    output_tokens_details: null,
  })
})

test('only Claude’s own thoughts are Claude’s', () => {
  const formats = ['anthropic-claude-v1', undefined, null, 'unknown', 'google-gemini-v1']
  expect(formats.map((format) => isClaudes({ format }))).toEqual([true, true, true, false, false])
})
