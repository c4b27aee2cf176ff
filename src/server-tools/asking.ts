import { splice } from '../splice.ts'
import type { Call, Source } from '../chat.ts'
import { listOf } from '../fields.ts'

const thoughts = 'reasoning.encrypted_content'

/**
 * The call, asking for what a model must be given back with the results of its tools: a client of Responses need not have
 * asked for its sealed thoughts, as it knows of no turns between.
 */
export const askingForThoughts = (call: Call): Call => {
  const { source } = call
  if (source?.format !== 'responses') return call
  const { include } = source.json.value
  if (listOf(include).includes(thoughts)) return call
  const asked = [...listOf(include), thoughts]
  const text = splice(source.json, { include }, { include: asked })
  const json = { text, value: { ...source.json.value, include: asked } }
  return { ...call, source: { ...source, json } satisfies Source }
}
