import {
  isObject,
  stages,
  type Answer,
  type Call,
  type Chunk,
  type Place,
  type TextMapper,
} from 'sluice/plugin'
import { told, type AnswerAction } from './actions.ts'
import { rewriteAnswer } from './rewrite-answer.ts'
import { createMoves } from './moves.ts'
import { edited } from './edits.ts'
import type { Hit } from './find.ts'
import { createRestorer } from './restoring.ts'
import { createTrie } from './trie.ts'
import type { Listener } from './thoughts.ts'
import type { Secret } from './vault.ts'
import { createWatcher, watched, type Watch } from './watching.ts'

/** What is not to be said in an answer. */
export interface Rules {
  readonly find: (text: string) => readonly Hit[]
  readonly actionOf: (kind: string) => AnswerAction
  readonly sent: ReadonlySet<string>
}

const chained = (first: TextMapper, second: TextMapper): TextMapper => ({
  push: (text) => second.push(first.push(text)),
  end: () => second.push(first.end()) + second.end(),
})

const tell = (call: Call, counts: ReadonlyMap<AnswerAction, Record<string, number>>): void => {
  if (counts.size === 0) return
  const parts = [...counts].map(
    ([action, of]) => `${action === 'redact' ? 'redacted' : 'found'} ${told(of)}`,
  )
  call.vars.get(stages).push({
    type: 'guardrail',
    name: 'privacy',
    summary: `answer: ${parts.join('; ')}`,
    data: Object.fromEntries(counts),
  })
}

const isJsonAsked = ({ request: { response_format: format } }: Call): boolean =>
  isObject(format) && String(format.type).startsWith('json_')

/** The answer with the client's own values in it, and without what the rules forbid. */
export const privateAnswer = (
  chunks: AsyncIterable<Chunk>,
  call: Call,
  secrets: ReadonlyMap<string, Secret>,
  listener?: Listener,
  rules?: Rules,
): Answer => {
  const trie = createTrie(secrets.keys())
  const counts = new Map<AnswerAction, Record<string, number>>()
  let pending = 0
  const held = (letters: number): void => void (pending += letters)
  const watch: Watch | undefined = rules && {
    ...rules,
    placeholders: trie,
    note(kind, action) {
      const of = counts.get(action) ?? {}
      counts.set(action, { ...of, [kind]: (of[kind] ?? 0) + 1 })
    },
  }
  const moves = createMoves()
  const asJson = isJsonAsked(call)
  const create = (place: Place, choice: number): TextMapper => {
    const restorer = createRestorer(
      trie,
      secrets,
      place,
      held,
      (said) => {
        listener?.restored(place, said.value)
        if (place.field === 'content') moves.note(choice, said)
      },
      asJson,
    )
    return watch ? chained(createWatcher(watch), restorer) : restorer
  }
  const restored = (text: string): string =>
    edited(
      text,
      trie.find(text).map(({ start, end, word }) => ({
        start,
        end,
        with: secrets.get(word)?.value ?? word,
      })),
    )
  return rewriteAnswer(chunks, {
    create,
    placeNow: moves.placeNow,
    whole: (text) => restored(watch ? watched(text, watch) : text),
    passes: (text) => !watch && pending === 0 && !trie.touches(text),
    heard: (chunk) => listener?.take(chunk),
    ended() {
      listener?.end()
      tell(call, counts)
    },
  })
}
