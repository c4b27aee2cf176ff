import { LRUCache } from 'lru-cache'
import { createHash } from 'node:crypto'
import { caller, type Call, type Usage } from '../../chat.ts'
import { isObject, type Fields } from '../../fields.ts'
import { expectedCost } from '../../catalog/pricing.ts'
import type { Needs } from './needs.ts'
import type { Target } from '../routes/target.ts'

/** The endpoint whose prompt cache holds a conversation. */
export interface Held {
  /** Its `endpointId`. */
  readonly endpoint: string
  /** Tokens of the prompt that it holds, as it said. */
  readonly tokens: number
  /** Whether it was seen that they are held, or the client named the conversation. */
  readonly sure: boolean
}

/** Conversations by their key; each entry lives as long as the provider's cache. */
export type Conversations = LRUCache<string, Held>

export const createConversations = (): Conversations => new LRUCache({ max: 50_000 })

const longestKey = 256

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, longestKey) : undefined

/** How the client names the conversation. */
const named = ({ request, headers }: Call): string | undefined =>
  textOf(request.session_id) ??
  textOf(headers.get('x-session-id')) ??
  textOf(request.prompt_cache_key)

const isInstruction = ({ role }: Fields): boolean => role === 'system' || role === 'developer'

/** Characters of a text that are looked at; texts of one length with the same ends are one conversation's. */
const looked = 4_000

const gistOf = (text: string): string =>
  text.length <= looked
    ? text
    : `${text.length} ${text.slice(0, looked / 2)} ${text.slice(-looked / 2)}`

const gist = (_name: string, value: unknown): unknown =>
  typeof value === 'string' ? gistOf(value) : value

/** How it begins: its first instruction and the first message that is none. */
const beginning = ({ messages }: Call['request']): string | undefined => {
  if (!Array.isArray(messages)) return undefined
  const list: readonly unknown[] = messages
  const said = list.filter(isObject)
  const first = said.find((message) => !isInstruction(message))
  if (!first) return undefined
  const parts = [said.find(isInstruction)?.content ?? '', first.content ?? '']
  return createHash('sha256').update(JSON.stringify(parts, gist)).digest('base64url')
}

export interface ConversationKey {
  readonly key: string
  /** The client named it. */
  readonly explicit: boolean
}

/** Where the conversation is kept: for each caller and model; undefined where nothing tells it from others. */
export const conversationOf = (call: Call, model: string): ConversationKey | undefined => {
  const explicit = named(call)
  const name = explicit ?? beginning(call.request)
  if (name === undefined) return undefined
  const who = call.vars.get(caller)?.name ?? ''
  return {
    key: [who, model, name].join('\n'),
    explicit: explicit !== undefined,
  }
}

const hour = 3_600_000

/** Milliseconds that the prompt is held there after this call. */
const lifeOf = ({ source, request }: Call, usual: number): number => {
  if (request.prompt_cache_retention === '24h') return 24 * hour
  // breakpoints stand anywhere in a request; the words of one with an hour stand nowhere else
  return source && /"ttl"\s*:\s*"1h"/.test(source.json.text) ? Math.max(hour, usual) : usual
}

const countOf = (usage: Usage, name: string): number => {
  const details = usage.prompt_tokens_details
  const value: unknown =
    typeof details === 'object' && details !== null ? Reflect.get(details, name) : 0
  return typeof value === 'number' ? value : 0
}

/** Prompts from which on caches are filled without being asked. */
const leastCached = 1_024

/** Takes note of an answer that ended well: whether its prompt is now held, and by whom. */
export const remember = (
  conversations: Conversations,
  { key, explicit }: ConversationKey,
  call: Call,
  target: Target,
  usage: Usage | undefined,
): void => {
  const held = usage ? countOf(usage, 'cached_tokens') + countOf(usage, 'cache_write_tokens') : 0
  const { pricing } = target.facts
  const prompt = usage?.prompt_tokens ?? 0
  const likely =
    pricing?.input_cache_read !== undefined &&
    pricing.prompt !== undefined &&
    pricing.input_cache_read < pricing.prompt &&
    prompt >= leastCached
  if (!explicit && held === 0 && !likely) return
  const entry = { endpoint: target.id, tokens: held || prompt, sure: explicit || held > 0 }
  conversations.set(key, entry, { ttl: lifeOf(call, target.provider.cache_ttl) })
}

/**
 * Whether it pays to go back: by the prices of the held tokens there and of all tokens at the one that would be asked
 * otherwise. Where they are not known, only when it is sure that something is held.
 */
export const paysToReturn = (
  { tokens, sure }: Held,
  there: Target,
  otherwise: Target,
  { prompt, completion }: Needs,
  at: Date,
): boolean => {
  const back = expectedCost(there.facts.pricing, { prompt, completion, cached: tokens }, at)
  const away = expectedCost(otherwise.facts.pricing, { prompt, completion }, at)
  // a difference that is only the arithmetic's is none
  return back === undefined || away === undefined ? sure : back < away * (1 - 1e-9)
}
