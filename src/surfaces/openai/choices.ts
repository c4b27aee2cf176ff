import type { Choice, Chunk, Delta } from '../../chat.ts'
import { createCalls, type Calls } from './calls.ts'

/** What was told of one choice. */
interface Told {
  readonly index: number
  readonly calls: Calls
  /** Its role was told. */
  begun: boolean
  /** Some of it was written by us. */
  ours: boolean
  /** Its end was written: nothing may follow. */
  over: boolean
  /** Its end, which waits for what may still come. */
  finish?: Choice
}

const isEmpty = (object: object): boolean => {
  for (const _field in object) return false
  return true
}

/** The parts of a choice that say how it ended, and what it said. */
const parted = (choice: Choice): readonly [said: Choice, finish: Choice] => {
  const { logprobs, delta, ...finish } = choice
  const said = { index: choice.index, delta: delta ?? {}, finish_reason: null }
  return [logprobs === undefined ? said : { ...said, logprobs }, { ...finish, delta: {} }]
}

/**
 * The choices of one stream: each begins with its role, and ends once, after all it says. Its end is therefore kept
 * back until the answer’s.
 */
export const createChoices = () => {
  const choices = new Map<number, Told>()

  const toldOf = (index: number): Told => {
    const known = choices.get(index)
    if (known) return known
    const told = { index, calls: createCalls(), begun: false, ours: false, over: false }
    choices.set(index, told)
    return told
  }

  const spoken = (told: Told, delta: Delta): Delta => {
    const { begun, calls } = told
    told.begun = true
    if (begun && delta.role === undefined && !delta.tool_calls) return delta
    const { role, tool_calls } = delta
    const pieces = tool_calls ? calls.add(tool_calls) : []
    if (begun && role === undefined && pieces === tool_calls && pieces.length > 0) return delta
    const { role: _role, tool_calls: _calls, ...rest } = delta
    return {
      ...(!begun && { role: 'assistant' }),
      ...rest,
      ...(pieces.length > 0 && { tool_calls: pieces }),
    }
  }

  /** What is to be written now of a choice, if anything. */
  const say = (choice: Choice): Choice | undefined => {
    const { finish_reason } = choice
    const told = toldOf(choice.index)
    if (told.over) return undefined
    told.ours = true
    const [said, finish] = finish_reason ? parted(choice) : [choice]
    if (finish) told.finish ??= finish
    const delta = spoken(told, said.delta ?? {})
    if (isEmpty(delta) && !said.logprobs) return undefined
    return delta === said.delta && said.finish_reason === null
      ? said
      : { ...said, delta, finish_reason: null }
  }

  const finishOf = ({ index, calls }: Told): Choice => ({
    index,
    delta: {},
    finish_reason: calls.some ? 'tool_calls' : 'stop',
  })

  return {
    say,
    /** Takes note of a chunk that is written as it came. */
    follow({ choices: came }: Chunk): void {
      if (!came) return
      for (const { index, delta, finish_reason } of came) {
        const told = toldOf(index)
        told.begun = true
        if (delta?.tool_calls) told.calls.follow(delta.tool_calls)
        if (finish_reason) told.over = true
      }
    },
    get some(): boolean {
      return choices.size > 0
    },
    /** Whether the choice was begun. */
    has: (index: number): boolean => choices.get(index)?.begun === true,
    /** Whether more may be said of it without further ado. */
    isOpen(index: number): boolean {
      const told = choices.get(index)
      return told !== undefined && told.begun && !told.over
    },
    /** Whether ends are kept back. */
    get waiting(): boolean {
      for (const { finish, over } of choices.values()) if (finish && !over) return true
      return false
    },
    /** What is left to be said, and the ends; the provider's own only, unless nothing more comes. */
    end(all: boolean): readonly Choice[][] {
      const ending = [...choices.values()].filter(
        ({ ours, over, finish }) => ours && !over && (all || finish),
      )
      const unsaid = ending.flatMap((told): Choice[] => {
        told.over = true
        const tool_calls = told.calls.end()
        return tool_calls.length === 0
          ? []
          : [{ index: told.index, delta: { tool_calls }, finish_reason: null }]
      })
      const finishes = ending.map((told) => told.finish ?? finishOf(told))
      return [unsaid, finishes].filter((list) => list.length > 0)
    },
  }
}
