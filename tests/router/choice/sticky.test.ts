import { describe, expect, test } from 'bun:test'
import { fakeCall } from 'sluice/testing'
import { caller, type Call, type Usage } from '../../../src/chat.ts'
import { needsOf } from '../../../src/router/choice/needs.ts'
import {
  conversationOf,
  createConversations,
  paysToReturn,
  remember,
} from '../../../src/router/choice/sticky.ts'
import { target } from '../targets.ts'

const keyOf = (request: Partial<Call['request']>, headers: Record<string, string> = {}) =>
  conversationOf(fakeCall(request, { headers: new Headers(headers) }), 'm')

describe('a conversation is known', () => {
  test('by session_id, then x-session-id, then prompt_cache_key', () => {
    const all = { session_id: 'one', prompt_cache_key: 'three' }
    const header = { 'x-session-id': 'two' }
    expect(keyOf(all, header)).toEqual({ key: '\nm\none', explicit: true })
    expect(keyOf({ prompt_cache_key: 'three' }, header)?.key).toBe('\nm\ntwo')
    expect(keyOf({ prompt_cache_key: 'three' })).toEqual({ key: '\nm\nthree', explicit: true })
  })

  test('else by how it begins, whatever follows', () => {
    const system = { role: 'system', content: 'Be brief.' }
    const user = { role: 'user', content: 'Hello!' }
    const first = keyOf({ messages: [system, user] })
    const later = [
      system,
      user,
      { role: 'assistant', content: 'Hi.' },
      { role: 'user', content: 'So?' },
    ]
    expect(first?.explicit).toBe(false)
    expect(keyOf({ messages: later })).toEqual(first!)
    expect(keyOf({ messages: [user] })).not.toEqual(first!)
    expect(keyOf({ messages: [system] })).toBeUndefined()
    expect(keyOf({ messages: undefined, input: 'x' })).toBeUndefined()
  })

  test('by the ends and the length of long texts, images included', () => {
    const keyed = (text: string, url = 'data:a') =>
      keyOf({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text },
              { type: 'image_url', image_url: { url } },
            ],
          },
        ],
      })?.key
    const long = 'x'.repeat(1_000_000)
    expect(keyed(`a${long}b`)).toBe(keyed(`a${long}b`)!)
    expect(keyed(`a${long}b`)).not.toBe(keyed(`a${long}c`)!)
    expect(keyed(`a${long}b`)).not.toBe(keyed(`a${long}xb`)!)
    expect(keyed('a', `data:${long}1`)).not.toBe(keyed('a', `data:${long}2`)!)
  })

  test('for each caller and model apart', () => {
    const call = fakeCall({ session_id: 's' })
    call.vars.set(caller, { name: 'laptop', tags: {} })
    expect(conversationOf(call, 'a')?.key).toBe('laptop\na\ns')
  })
})

const cached = (tokens: number): Usage => ({
  prompt_tokens: 2_000,
  total_tokens: 2_000,
  prompt_tokens_details: { cached_tokens: tokens },
})
const plain: Usage = { prompt_tokens: 2_000, total_tokens: 2_000 }
const priced = target('a/m', { pricing: { prompt: 1, completion: 1, input_cache_read: 0.1 } })
const named = { key: 'k', explicit: true }
const unnamed = { key: 'k', explicit: false }

const remembered = (
  conversation: typeof named,
  usage: Usage | undefined,
  endpoint = target('a/m'),
  call = fakeCall(),
) => {
  const conversations = createConversations()
  remember(conversations, conversation, call, endpoint, usage)
  return { held: conversations.get('k'), left: conversations.getRemainingTTL('k') }
}

describe('an answer is remembered', () => {
  test('always when the client named the conversation', () => {
    expect(remembered(named, undefined).held).toEqual({ endpoint: 'a/m', tokens: 0, sure: true })
  })

  test('else when something was read from a cache or written to it', () => {
    expect(remembered(unnamed, plain).held).toBeUndefined()
    expect(remembered(unnamed, cached(1_500)).held).toMatchObject({ tokens: 1_500, sure: true })
  })

  test('or when it is long and the price says that caches are filled there', () => {
    expect(remembered(unnamed, plain, priced).held).toEqual({
      endpoint: 'a/m',
      tokens: 2_000,
      sure: false,
    })
    expect(remembered(unnamed, { ...plain, prompt_tokens: 500 }, priced).held).toBeUndefined()
  })

  test('as long as that provider’s cache lives', () => {
    const slow = target('a/m', {}, { cache_ttl: 600_000 })
    expect(remembered(named, plain, slow).left).toBeGreaterThan(590_000)
    expect(remembered(named, plain, slow).left).toBeLessThanOrEqual(600_000)
    const day = fakeCall({ prompt_cache_retention: '24h' })
    expect(remembered(named, plain, slow, day).left).toBeGreaterThan(86_000_000)
  })
})

describe('going back pays', () => {
  const needs = needsOf({
    request: { model: 'm', messages: [{ role: 'user', content: 'x'.repeat(40_000) }] },
  })
  const at = new Date(0)
  const costing = (prompt: number, read?: number) =>
    target(`p${prompt}/m`, {
      pricing: { prompt, completion: 1, ...(read !== undefined && { input_cache_read: read }) },
    })
  const pays = (tokens: number, there = costing(2, 0.2), otherwise = costing(1), sure = true) =>
    paysToReturn({ endpoint: there.id, tokens, sure }, there, otherwise, needs, at)

  test('when what is held makes the dearer one cheaper', () => {
    expect(pays(9_000)).toBe(true)
    expect(pays(2_000)).toBe(false)
  })

  test('not when reading the cache costs as much as reading the prompt', () => {
    expect(pays(9_000, costing(1, 1), costing(1))).toBe(false)
    expect(pays(9_000, costing(1, 0.1), costing(1))).toBe(true)
  })

  test('without prices only when it is sure that something is held', () => {
    expect(pays(9_000, target('a/m'), costing(1), true)).toBe(true)
    expect(pays(9_000, target('a/m'), costing(1), false)).toBe(false)
  })
})
