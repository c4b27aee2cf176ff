import type { Fields } from '../../fields.ts'
import type { Message } from '../../chat.ts'
import { markOf, place, top, turn, unsaid, type Unsaid } from '../../formats/anthropic/marks.ts'
import { toAssistant, toId } from './assistant.ts'
import { toBlocks, type Placed, type Writing } from './blocks.ts'

export interface Conversing extends Writing {
  /** `role: system` may stand among the messages. */
  readonly systemInside: boolean
}

export interface Conversation {
  readonly system?: unknown
  readonly messages: readonly Fields[]
}

const isSystem = ({ role }: Message): boolean => role === 'system' || role === 'developer'

const cached = ({ cache_control }: Message, blocks: readonly Fields[]): readonly Fields[] =>
  cache_control && blocks.length > 0
    ? blocks.map((block, at) => (at === blocks.length - 1 ? { ...block, cache_control } : block))
    : blocks

const blocksOf = (message: Message, writing: Writing): readonly Fields[] => {
  const said = toBlocks(message.content, writing).map(([block]) => block)
  const kept = markOf(message, unsaid)
  const blocks = Array.isArray(kept)
    ? kept.reduce((all: Fields[], { at, block }: Unsaid) => all.toSpliced(at, 0, block), said)
    : said
  return cached(message, blocks)
}

/** The system prompt, in the client's own form where there is only one. */
const toSystem = (messages: readonly Message[], writing: Writing): unknown => {
  const [first] = messages
  if (!first) return undefined
  if (messages.length === 1 && typeof first.content === 'string' && !first.cache_control)
    return first.content === '' && !writing.alike ? undefined : first.content
  const blocks = messages.flatMap((message) => blocksOf(message, writing))
  return blocks.length > 0 || writing.alike ? blocks : undefined
}

const toResult = (message: Message, writing: Writing): Fields => {
  const { content, is_error, cache_control } = message
  const inside = Array.isArray(content)
    ? toBlocks(content, writing).map(([block]) => block)
    : (content ?? '')
  return {
    type: 'tool_result',
    tool_use_id: toId(message.tool_call_id, writing.alike),
    content: inside,
    ...(is_error === true && { is_error }),
    ...(cache_control ? { cache_control } : {}),
  }
}

/** What the conversation's author said in passing, for who takes system prompts only in front: a user's text. */
const asUser = (message: Message, writing: Writing): Message => {
  const text = toBlocks(message.content, { ...writing, alike: false })
    .map(([block]) => block.text)
    .filter((piece) => typeof piece === 'string')
    .join('\n')
  return { role: 'user', content: text === '' ? '' : `<system>\n${text}\n</system>` }
}

/** Consecutive messages that are one: parts of the client's own message, or tools' results and what the user adds. */
interface Group {
  readonly turn: unknown
  readonly members: Message[]
}

const isResult = ({ role, tool_call_id }: Message): boolean =>
  role === 'tool' && typeof tool_call_id === 'string'

const grouped = (messages: readonly Message[]): Group[] => {
  const groups: Group[] = []
  for (const message of messages) {
    const known = markOf(message, turn)
    const last = groups.at(-1)
    const before = last?.members.at(-1)
    const joins =
      last &&
      before &&
      (known !== undefined
        ? last.turn === known
        : last.turn === undefined &&
          isResult(before) &&
          message.role !== 'assistant' &&
          !isSystem(message))
    if (joins) last.members.push(message)
    else groups.push({ turn: known, members: [message] })
  }
  return groups
}

const inPlace = (placed: readonly Placed[]): Fields[] => {
  const ranked = placed.map(([block, from], at) => ({ block, rank: markOf(from, place) ?? at, at }))
  return ranked
    .sort((one, other) => Number(one.rank) - Number(other.rank) || one.at - other.at)
    .map(({ block }) => block)
}

const toUser = (members: readonly Message[], writing: Writing): unknown => {
  const [first] = members
  if (members.length === 1 && first && !isResult(first) && !first.cache_control)
    if (typeof first.content === 'string') return first.content
  const placed = members.flatMap((message): Placed[] => {
    if (isResult(message)) return [[toResult(message, writing), message]]
    const blocks = toBlocks(message.content, writing)
    const last = blocks.at(-1)
    const { cache_control } = message
    return cache_control && last
      ? [...blocks.slice(0, -1), [{ ...last[0], cache_control }, last[1]]]
      : blocks
  })
  return inPlace(placed)
}

const isNothing = (content: unknown): boolean =>
  content === '' ||
  content === null ||
  content === undefined ||
  (Array.isArray(content) && content.length === 0)

/** A prefill may not end in white space. */
const trimmed = (content: unknown): unknown => {
  if (typeof content === 'string') return content.trimEnd()
  if (!Array.isArray(content)) return content
  const last: unknown = content.at(-1)
  const { type, text } = (last ?? {}) as Fields
  if (type !== 'text' || typeof text !== 'string' || text.trimEnd() === text) return content
  const rest = content.slice(0, -1)
  return text.trim() === '' ? rest : [...rest, { ...(last as Fields), text: text.trimEnd() }]
}

const toTurn = (members: readonly Message[], writing: Writing): Fields => {
  const [first] = members
  if (first && first.role === 'assistant')
    return { role: 'assistant', content: toAssistant(first, writing) }
  return { role: first && isSystem(first) ? 'system' : 'user', content: toUser(members, writing) }
}

/** Claude's conversation: the system prompt, and turns in which results stand in the user's. */
export const toConversation = (messages: readonly Message[], writing: Conversing): Conversation => {
  const { systemInside } = writing
  const leading = messages.findIndex((message) => !isSystem(message))
  const isTop = (message: Message, at: number) =>
    markOf(message, top) === true ||
    (isSystem(message) && markOf(message, turn) === undefined && (leading === -1 || at < leading))
  const system = toSystem(messages.filter(isTop), writing)
  const rest = messages
    .filter((message, at) => !isTop(message, at))
    .map((message) =>
      isSystem(message) && !systemInside && markOf(message, turn) === undefined
        ? asUser(message, writing)
        : message,
    )
  const groups = grouped(rest)
  const turns = groups.flatMap(({ turn: known, members }, at): Fields[] => {
    const made = toTurn(members, writing)
    if (known !== undefined) return [made]
    const last = at === groups.length - 1 && made.role === 'assistant'
    const content = last ? trimmed(made.content) : made.content
    return isNothing(content) ? [] : [{ ...made, content }]
  })
  return { ...(system !== undefined && { system }), messages: turns }
}
