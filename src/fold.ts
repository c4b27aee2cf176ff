import { isObject, type Fields } from './fields.ts'
import type { Choice, Chunk, Delta } from './chat.ts'

/** Fields that name something: providers repeat them in every chunk or send them once, never in pieces. */
const names = new Set([
  'role',
  'id',
  'type',
  'name',
  'format',
  'object',
  'finish_reason',
  'native_finish_reason',
])

/** Pieces after the first often leave the type out. */
const sameType = (known: Fields, item: unknown): boolean =>
  !isObject(item) || !known.type || !item.type || known.type === item.type

/** Items of one `index` and type are pieces of one another; others follow each other. */
const foldLists = (before: readonly unknown[], more: readonly unknown[]): unknown[] => {
  const items = [...before]
  for (const item of more) {
    const index = isObject(item) ? item.index : undefined
    const at =
      index === undefined
        ? -1
        : items.findIndex(
            (known) => isObject(known) && known.index === index && sameType(known, item),
          )
    const known = items[at]
    if (isObject(known) && isObject(item)) items[at] = foldFields(known, item)
    else items.push(item)
  }
  return items
}

const foldFields = (before: Fields, more: Fields): Fields => {
  const folded: Record<string, unknown> = { ...before }
  for (const [name, value] of Object.entries(more)) {
    const known = folded[name]
    if (value === null || value === undefined) folded[name] = known ?? value
    else if (typeof known === 'string' && typeof value === 'string')
      folded[name] = names.has(name) ? value || known : known + value
    else if (Array.isArray(known) && Array.isArray(value)) folded[name] = foldLists(known, value)
    else if (isObject(known) && isObject(value)) folded[name] = foldFields(known, value)
    else folded[name] = value
  }
  return folded
}

const foldChoices = (before: readonly Choice[], more: readonly Choice[]): Choice[] => {
  const choices = [...before]
  for (const choice of more) {
    const at = choices.findIndex((known) => known.index === choice.index)
    const known = choices[at]
    const { index, delta, text, finish_reason, ...rest } = choice
    choices[at === -1 ? choices.length : at] = {
      ...(known ? foldFields(known, rest) : rest),
      index,
      ...((known?.text ?? text) !== undefined && { text: (known?.text ?? '') + (text ?? '') }),
      ...((known?.delta ?? delta) && {
        delta: foldFields(known?.delta ?? {}, delta ?? {}) as Delta,
      }),
      finish_reason: finish_reason ?? known?.finish_reason ?? null,
    }
  }
  return choices
}

/** Two pieces of one answer as one. */
export const fold = (before: Chunk, more: Chunk): Chunk => {
  const { choices, usage, ...rest } = more
  const all = choices ? foldChoices(before.choices ?? [], choices) : before.choices
  const tokens = usage ?? before.usage
  return { ...before, ...rest, ...(all && { choices: all }), ...(tokens && { usage: tokens }) }
}

/** The whole answer as one chunk. A chunk that is already whole comes back as it is. */
export const collect = async (chunks: AsyncIterable<Chunk>): Promise<Chunk | undefined> => {
  let whole: Chunk | undefined
  for await (const chunk of chunks) whole = whole ? fold(whole, chunk) : chunk
  return whole
}
