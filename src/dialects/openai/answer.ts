import type { Call, Choice, Chunk, Delta } from '../../chat.ts'
import type { ProviderConfig } from '../../config.ts'
import { createCustomCalls, customNames } from '../../formats/custom-tools.ts'
import { isAlike } from '../dialect.ts'
import { withUsageOf } from '../quirks.ts'
import { createThinkSplitter, type Parted } from '../../formats/think-tags.ts'
import { withUsage } from './usage.ts'

/** Reasoning by its canonical names. */
const withReasoning = (delta: Delta): Delta => {
  const { reasoning_content, reasoning = reasoning_content, reasoning_details } = delta
  if (typeof reasoning !== 'string' || reasoning === '') return delta
  if (reasoning_content === undefined && Array.isArray(reasoning_details)) return delta
  const { reasoning_content: _moved, ...rest } = delta
  const details = [{ type: 'reasoning.text', text: reasoning, index: 0, format: 'unknown' }]
  return { ...rest, reasoning, reasoning_details: reasoning_details ?? details }
}

const parted = (delta: Delta, { content, reasoning }: Parted): Delta => ({
  ...delta,
  content,
  ...(reasoning !== '' && { reasoning }),
})

/** What the events, or the whole, of one provider's answer mean; the same object where that is what they say. */
export interface Meaning {
  of<C extends Chunk>(chunk: C): C
  /** Whether text that is added is nothing but content from here on. */
  readonly plain: boolean
}

/** @param provider without it, nothing is known that would be special */
export const createMeaning = (call: Call, provider?: ProviderConfig): Meaning => {
  const quirks = provider?.quirks ?? {}
  const foreign = call.source !== undefined && !isAlike(call, 'openai')
  const parting = foreign && quirks.think_tags === true
  const custom = createCustomCalls(foreign ? customNames(call.request) : new Set())
  const splitters = new Map<number, ReturnType<typeof createThinkSplitter>>()

  const thought = (choice: Choice): Choice => {
    const { index, delta = {}, finish_reason } = choice
    const splitter = splitters.get(index) ?? createThinkSplitter()
    splitters.set(index, splitter)
    const pieces = typeof delta.content === 'string' ? [splitter.push(delta.content)] : []
    if (finish_reason) pieces.push(splitter.end())
    if (pieces.length === 0) return choice
    const content = pieces.map((piece) => piece.content).join('')
    const reasoning = pieces.map((piece) => piece.reasoning).join('')
    if (content === (delta.content ?? '') && reasoning === '') return choice
    return { ...choice, delta: parted(delta, { content, reasoning }) }
  }

  const meant = (choice: Choice): Choice => {
    const split = parting ? thought(choice) : choice
    if (!split.delta) return split
    const delta = withReasoning(split.delta)
    return delta === split.delta ? split : { ...split, delta }
  }

  return {
    of(chunk) {
      const told = withUsage(withUsageOf(chunk, quirks))
      if (!foreign || !told.choices?.length) return told
      const choices = told.choices.map(meant)
      const same = choices.every((choice, at) => choice === told.choices?.[at])
      return custom.restore(same ? told : { ...told, choices }) as typeof chunk
    },
    get plain() {
      if (!parting) return true
      return splitters.size > 0 && [...splitters.values()].every(({ settled }) => settled)
    },
  }
}
