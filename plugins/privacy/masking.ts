import { GatewayError, mapOutgoing, type Call, type Outgoing } from 'sluice/plugin'
import { wordFor, type Action, type Counts } from './actions.ts'
import { edited, inOrder, type Edit } from './edits.ts'
import { undisguised } from './disguised.ts'
import type { Hit } from './find.ts'
import { editsInJson, isEscapedJson } from './json-text.ts'
import type { Placeholder } from './placeholder.ts'
import { outside, spansOf, type Span } from './spans.ts'
import { createTrie, type Trie } from './trie.ts'
import type { Secret } from './vault.ts'

export interface MaskingParts {
  readonly find: (text: string) => readonly Hit[]
  readonly actionOf: (kind: string) => Action
  readonly placeholder: Placeholder
  /** Whether a signed thought was made of that value: others in it are the provider's own. */
  readonly isOurs: (signatures: readonly string[], value: string) => boolean
  /** What another privacy plugin has masked already. */
  readonly known: ReadonlyMap<string, Secret>
}

/** A value that was found, what is done about it, and what stands in its place. */
interface Value extends Secret {
  readonly action: Action
  readonly with: string | undefined
}

export interface Masked {
  readonly call: Call
  /** By their placeholders. */
  readonly secrets: ReadonlyMap<string, Secret>
  readonly counts: Readonly<Partial<Record<Action, Counts>>>
}

const isWord = (letter: string): boolean => /[\p{L}\p{N}]/u.test(letter)

/** Whether no word goes on there. */
const breaks = (text: string, at: number): boolean =>
  !isWord(text.charAt(at - 1)) || !isWord(text.charAt(at))

/** Shorter values are found by what stands around them only; longer ones are found wherever they stand. */
const leastKnown = 6
const mostKnown = 64

const countsOf = (values: Iterable<Value>): Masked['counts'] => {
  const counts: Partial<Record<Action, Record<string, number>>> = {}
  for (const { action, kind } of values) {
    const of = (counts[action] ??= {})
    of[kind] = (of[kind] ?? 0) + 1
  }
  return counts
}

/** One pass over a call; `attempts` says which placeholders stand in the request already, and how often others did. */
const passOver = (
  call: Call,
  { find, actionOf, isOurs, placeholder, known }: MaskingParts,
  attempts: ReadonlyMap<string, number>,
) => {
  const values = new Map<string, Value>()
  const secrets = new Map<string, Secret>()
  const texts = new Map<string, string>()
  const seen: Trie = createTrie()
  const outer = createTrie(known.keys())

  const placeholderOf = (kind: string, value: string): string => {
    for (let attempt = attempts.get(value) ?? 0; ; attempt++) {
      const made = placeholder(kind, value, attempt)
      if (!secrets.has(made) && !known.has(made)) return made
    }
  }

  const note = ({ kind, action }: Span, value: string): string | undefined => {
    const before = values.get(value)
    if (before) return before.with
    const made =
      action === 'mask'
        ? placeholderOf(kind, value)
        : action === 'redact'
          ? wordFor(kind)
          : undefined
    if (action === 'mask' && made !== undefined) secrets.set(made, { kind, value })
    values.set(value, { kind, action, value, with: made })
    const { length } = value
    if (made !== undefined && length >= leastKnown && length <= mostKnown) seen.add(value)
    return made
  }

  /** What another plugin masked stays masked; here it can only be treated more strictly. */
  const alreadyIn = (text: string): Span[] =>
    outer.size === 0
      ? []
      : outer.find(text).map(({ start, end, word }) => {
          const { kind = '' } = known.get(word) ?? {}
          return { kind, action: actionOf(kind), start, end }
        })

  const knownIn = (text: string, spans: readonly Span[]): Edit[] =>
    outside(
      seen.find(text, (at) => breaks(text, at)),
      spans,
    )
      .filter(({ end }) => breaks(text, end))
      .map(({ start, end, word }) => ({ start, end, with: values.get(word)?.with ?? word }))

  const foundIn = (text: string, { signatures }: Outgoing): Span[] => {
    const hits = find(text)
    const ours = signatures
      ? hits.filter(({ start, end }) => isOurs(signatures, text.slice(start, end)))
      : hits
    return spansOf(ours, actionOf)
  }

  const editsOf = (text: string, spans: readonly Span[]): Edit[] =>
    spans.flatMap((span): Edit[] => {
      const made = note(span, text.slice(span.start, span.end))
      return made === undefined ? [] : [{ start: span.start, end: span.end, with: made }]
    })

  const editsIn = (text: string, about: Outgoing): Edit[] => {
    const already = alreadyIn(text)
    const found = outside(foundIn(text, about), already)
    const strict = already.filter(({ action }) => action === 'redact' || action === 'block')
    const edits = editsOf(text, [...found, ...strict])
    // known by now: what is said in a later text shall not change what was said
    const repeated = seen.size > 0 ? knownIn(text, [...already, ...found]) : []
    return inOrder([...edits, ...repeated])
  }

  /** Strings are read as what they say; some things are known by the name that stands before them. */
  const editsInStrings = (text: string, about: Outgoing): Edit[] => {
    if (!isEscapedJson(text)) return editsIn(text, about)
    const edits = editsInJson(text, (said) => editsIn(said, about))
    const named = outside(foundIn(text, about), [...edits, ...alreadyIn(text)])
    const plain = named.filter(({ start, end }) => !text.slice(start, end).includes('\\'))
    return plain.length === 0 ? edits : inOrder([...edits, ...editsOf(text, plain)])
  }

  const editsInText = (text: string, about: Outgoing): Edit[] => {
    const edits = editsInStrings(text, about)
    const meant = undisguised(text)
    if (!meant) return edits
    const more = editsIn(meant.text, about).map((edit) => ({ ...edit, ...meant.placeOf(edit) }))
    return inOrder([...edits, ...outside(more, edits)])
  }

  const masked = mapOutgoing(call, (text, about) => {
    const id = about.signatures ? `signed ${text}` : text
    const before = texts.get(id)
    if (before !== undefined) return before
    const next = edited(text, editsInText(text, about))
    texts.set(id, next)
    return next
  })
  return { masked, values, secrets }
}

/** The texts of a call that are searched, each once. */
export const textsToFindIn = (call: Call): string[] => {
  const texts = new Set<string>()
  const find = (text: string): readonly Hit[] => {
    texts.add(text)
    return []
  }
  passOver(
    call,
    {
      find,
      actionOf: () => 'off',
      isOurs: () => true,
      placeholder: () => '',
      known: new Map(),
    },
    new Map(),
  )
  return [...texts]
}

const textOf = ({ source, request }: Call): string => source?.json.text ?? JSON.stringify(request)

/** Placeholders that stand in the request already are replaced by others, in so many passes at most. */
const mostPasses = 4

/** The call as a provider may read it. Throws `guardrail_blocked` that names kinds. */
export const mask = (call: Call, parts: MaskingParts): Masked => {
  const attempts = new Map<string, number>()
  for (let pass = 1; ; pass++) {
    const { masked, values, secrets } = passOver(call, parts, attempts)
    const blocked = [...values.values()].filter(({ action }) => action === 'block')
    if (blocked.length > 0) {
      const patterns = [...new Set(blocked.map(({ kind }) => kind))].sort()
      throw new GatewayError('guardrail_blocked', {
        message: `The request holds private data that may not be sent: ${patterns.join(', ')}.`,
        metadata: { patterns },
      })
    }
    const taken = secrets.size > 0 ? createTrie(secrets.keys()).find(textOf(call)) : []
    if (taken.length === 0 || pass === mostPasses)
      return {
        call: masked,
        secrets,
        counts: countsOf(values.values()),
      }
    for (const { word } of taken) {
      const value = secrets.get(word)?.value ?? ''
      attempts.set(value, (attempts.get(value) ?? 0) + 1)
    }
  }
}
