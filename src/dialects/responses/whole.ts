import { isObject, listOf, objectOf, type Fields } from '../../fields.ts'
import type { Chunk, Delta } from '../../chat.ts'
import { classify } from '../../errors/classify.ts'
import { GatewayError } from '../../errors.ts'
import { withNative } from '../../formats/responses/origin.ts'
import { finishOf, toUsage } from '../../formats/responses.ts'
import { fold } from '../../fold.ts'
import { keep } from '../../kept.ts'
import type { Batch } from '../../stream.ts'
import { parseObject } from '../parse.ts'
import { itemDelta, toLogprobs } from './output.ts'

/** The failure that a response or an event tells of. */
export const failureOf = (error: unknown): GatewayError => {
  const { code, message, param, type } = objectOf(error)
  return classify({
    status: 200,
    body: { error: { code: code ?? type, message, param } },
  })
}

export const searchesIn = (output: readonly unknown[]): number =>
  output.filter((item) => isObject(item) && item.type === 'web_search_call').length

/** What identifies a response's chunks. */
export const headOf = ({ id, created_at, model }: Fields) => ({
  ...(typeof id === 'string' && { id }),
  ...(typeof created_at === 'number' && { created: Math.floor(created_at) }),
  ...(typeof model === 'string' && { model }),
})

/** All that an answer's items say. */
export const deltaOf = (output: readonly unknown[]): Delta => {
  let folded: Chunk = { choices: [{ index: 0, delta: { role: 'assistant', content: null } }] }
  for (const item of output) {
    const said = folded.choices?.[0]?.delta
    const counts = {
      text: said?.content?.length ?? 0,
      calls: said?.tool_calls?.length ?? 0,
      details: listOf(said?.reasoning_details).length,
    }
    folded = fold(folded, { choices: [{ index: 0, delta: itemDelta(item, counts) }] })
  }
  return folded.choices?.[0]?.delta ?? {}
}

const logprobsOf = (output: readonly unknown[]): Fields | undefined =>
  toLogprobs(
    output.flatMap((item) =>
      listOf(objectOf(item).content).flatMap((part) => listOf(objectOf(part).logprobs)),
    ),
  )

/** A response that has ended, as one chunk. Throws the failure that it tells of. */
export const responseChunk = (body: Fields): Chunk => {
  const { status, error, output } = body
  if (isObject(error) || status === 'failed' || status === 'cancelled') throw failureOf(error)
  if (!Array.isArray(output)) throw new GatewayError('upstream_invalid_response')
  const delta = deltaOf(output)
  const usage = toUsage(body.usage, searchesIn(output))
  const logprobs = logprobsOf(output)
  const called = (delta.tool_calls?.length ?? 0) > 0
  const reason = objectOf(body.incomplete_details).reason
  return {
    object: 'chat.completion',
    ...headOf(body),
    choices: [
      { index: 0, delta, ...(logprobs && { logprobs }), ...finishOf(status, reason, called) },
    ],
    ...(usage && { usage }),
  }
}

export const decodeCount = (text: string): Batch => {
  const { input_tokens, error } = parseObject(text)
  if (isObject(error)) throw failureOf(error)
  if (typeof input_tokens !== 'number') throw new GatewayError('upstream_invalid_response')
  const chunk: Chunk = { object: 'token_count', data: [{ tokens: input_tokens }] }
  return { chunks: [keep(chunk, { format: 'responses', text, whole: true })] }
}

export const decodeWhole = (text: string): Batch => {
  const body = parseObject(text)
  const chunk = withNative(responseChunk(body), body)
  return {
    format: 'responses',
    chunks: [keep(chunk, { format: 'responses', text, whole: true })],
  }
}
