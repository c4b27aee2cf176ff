import { isObject, type Fields } from '../../fields.ts'
import type { Choice, Delta } from '../../chat.ts'
import { callId, objectsIn, toFinish } from '../../formats/gemini.ts'
import { nothingBefore, readTurn, type Before } from '../../formats/gemini/turn.ts'
import { citationsOf } from './grounding.ts'
import { wordOf } from '../../formats/unchecked.ts'

const tokenOf = ({ token, logProbability }: Fields): Fields => ({
  token,
  logprob: logProbability,
  bytes: typeof token === 'string' ? [...Buffer.from(token)] : null,
})

const logprobsOf = (result: unknown): Fields | undefined => {
  if (!isObject(result)) return undefined
  const top = objectsIn(result.topCandidates)
  return {
    content: objectsIn(result.chosenCandidates).map((chosen, at) => ({
      ...tokenOf(chosen),
      top_logprobs: objectsIn(top[at]?.candidates).map(tokenOf),
    })),
    refusal: null,
  }
}

/** Media of an answer, out of its parts. */
const mediaIn = (parts: readonly Fields[], from: number): Delta => {
  const kinds = parts.flatMap(({ inlineData, thought }) =>
    isObject(inlineData) && thought !== true ? [inlineData] : [],
  )
  const isSound = ({ mimeType }: Fields) => wordOf(mimeType).startsWith('audio/')
  const sound = kinds.filter(isSound)
  const images = kinds
    .filter((data) => !isSound(data))
    .map(({ mimeType, data }, at) => ({
      type: 'image_url',
      image_url: { url: `data:${wordOf(mimeType)};base64,${wordOf(data)}` },
      index: from + at,
    }))
  return {
    ...(images.length > 0 && { images }),
    ...(sound.length > 0 && { audio: { data: sound.map(({ data }) => data).join('') } }),
  }
}

const isText = (content: unknown): content is string => typeof content === 'string'

/** One candidate of an answer, from piece to piece. */
export const createCandidate = (answer: string) => {
  let before: Before = nothingBefore
  let text = ''
  let images = 0
  let called = false
  const cited = new Set<string>()

  return {
    skip(said: string): void {
      text += said
      if (before.thinking) before = { ...before, thinking: false }
    },
    read(candidate: Fields): Choice {
      const { content, finishReason, logprobsResult } = candidate
      const index = typeof candidate.index === 'number' ? candidate.index : 0
      const parts = isObject(content) ? objectsIn(content.parts) : []
      const name = (at: number) => callId(answer, index, at)
      const { turn, after } = readTurn([parts], name, before)
      before = after
      if (turn.tool_calls) called = true
      const items = turn.content
      const said = isText(items)
        ? items
        : (items ?? []).map((item) => (item.type === 'text' ? (item.text ?? '') : '')).join('')
      text += said
      const media = mediaIn(parts, images)
      images += Array.isArray(media.images) ? media.images.length : 0
      const grounded = candidate.groundingMetadata ?? candidate.citationMetadata
      const annotations = grounded
        ? citationsOf(candidate, text).filter((one) => {
            const known = JSON.stringify(one)
            return cited.has(known) ? false : cited.add(known)
          })
        : []
      const reason = typeof finishReason === 'string' ? finishReason : undefined
      const delta: Delta = {
        ...turn,
        role: 'assistant',
        content: said === '' ? null : said,
        ...media,
        ...(annotations.length > 0 && { annotations }),
      }
      const logprobs = logprobsOf(logprobsResult)
      return {
        index,
        delta,
        finish_reason: reason === undefined ? null : toFinish(reason, called),
        ...(reason !== undefined && { native_finish_reason: reason }),
        ...(logprobs && { logprobs }),
      }
    },
  }
}
