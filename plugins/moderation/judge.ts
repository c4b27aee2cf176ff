import {
  collect,
  GatewayError,
  isObject,
  listOf,
  objectOf,
  type Call,
  type Host,
} from 'sluice/plugin'

/** Characters of one input, and inputs of one request. */
const mostCharacters = 20_000
const mostTexts = 32

/** Milliseconds for which a verdict is remembered. */
const remembered = 24 * 3_600_000

export interface Judging {
  readonly model: string
  /** From which score on a category counts; by the model's own verdict without. */
  readonly thresholds: Readonly<Record<string, number>>
}

const isName = (category: string): boolean => /^[\w/ -]{1,60}$/.test(category)

/** The categories that flag a text; undefined for what is not a result. */
const reasonsIn = (result: unknown, thresholds: Judging['thresholds']): string[] | undefined => {
  if (!isObject(result) || typeof result.flagged !== 'boolean') return undefined
  const said = objectOf(result.categories)
  const scores = objectOf(result.category_scores)
  const names = [...new Set([...Object.keys(said), ...Object.keys(scores)])].filter(isName)
  const reasons = names.filter((name) => {
    const threshold = Object.hasOwn(thresholds, name) ? thresholds[name] : undefined
    return threshold === undefined ? said[name] === true : Number(scores[name]) >= threshold
  })
  return reasons.length === 0 && names.length === 0 && result.flagged ? ['flagged'] : reasons
}

/** Letters of which some may be left for the next piece, so that no word is cut. */
const longestWord = 200

/** Pieces of whole words: of half an address nobody further in knows that it is private. */
const piecesIn = (text: string): readonly string[] => {
  const pieces: string[] = []
  for (let start = 0; start < text.length;) {
    let end = start + mostCharacters
    if (end < text.length) {
      const last = text.slice(end - longestWord, end).search(/\s\S*$/)
      if (last !== -1) end += last + 1 - longestWord
    }
    pieces.push(text.slice(start, end))
    start = end
  }
  return pieces
}

const piecesOf = (texts: readonly string[]): readonly string[] => {
  const pieces = texts.flatMap(piecesIn)
  return [...new Set(pieces.filter((piece) => piece.trim() !== ''))]
}

const hashOf = (text: string): string =>
  new Bun.CryptoHasher('sha256').update(text).digest('base64url')

const isReasons = (value: unknown): value is readonly string[] => Array.isArray(value)

export class Unchecked extends Error {}

/** Asks a moderation model about texts. @returns the categories that were flagged */
export const createJudge = ({ model, thresholds }: Judging, host: Host) => {
  const askAll = async (call: Call, input: readonly string[]): Promise<string[][]> => {
    const request = { model, input }
    const answer = await collect(host.ask(call, { operation: 'moderations', request })).catch(
      (thrown: unknown) => {
        if (call.signal.aborted) throw thrown
        host.log.warn('the moderation failed', {
          id: call.id,
          code: thrown instanceof GatewayError ? thrown.code : 'unknown',
        })
        throw new Unchecked()
      },
    )
    const results = listOf(answer?.results)
    const reasons = input.map((_, at) => reasonsIn(results[at], thresholds))
    if (reasons.includes(undefined)) throw new Unchecked()
    return reasons.map((one) => one ?? [])
  }

  return async (call: Call, texts: readonly string[]): Promise<readonly string[]> => {
    const found = new Set<string>()
    const asked: (readonly [piece: string, hash: string])[] = []
    for (const piece of piecesOf(texts)) {
      const hash = hashOf(piece)
      const before = host.store.get(hash)
      if (isReasons(before)) for (const reason of before) found.add(reason)
      else asked.push([piece, hash])
    }
    for (let at = 0; at < asked.length; at += mostTexts) {
      const some = asked.slice(at, at + mostTexts)
      const reasons = await askAll(
        call,
        some.map(([piece]) => piece),
      )
      for (const [n, [, hash]] of some.entries()) {
        const ofPiece = reasons[n] ?? []
        host.store.set(hash, ofPiece, { ttl: remembered })
        for (const reason of ofPiece) found.add(reason)
      }
    }
    return [...found]
  }
}

export type Judge = ReturnType<typeof createJudge>
