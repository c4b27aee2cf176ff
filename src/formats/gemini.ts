import { isObject, type Fields } from '../fields.ts'
import { lookUp } from './unchecked.ts'

/** One of Google's objects, of which only what is read here is known. */
export const objectsIn = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.filter(isObject) : []

/** The format of Gemini's own reasoning details. */
export const googleFormat = 'google-gemini-v1'

export const isGoogles = ({ format }: Fields): boolean => format === googleFormat

/** Google's own word for a call that another model made: its signature is not asked for. */
export const skipSignature = 'skip_thought_signature_validator'

const generated = 'callg_'

/** An id for a call that has none, the same whenever that call is read. */
export const callId = (...place: readonly (string | number)[]): string =>
  generated + place.map((step) => String(step).replace(/[^a-zA-Z0-9_-]/g, '')).join('_')

/** Whether Google gave the call its id; ours are not sent to it. */
export const isGiven = (id: unknown): id is string =>
  typeof id === 'string' && id !== '' && !id.startsWith(generated)

const finishes: Readonly<Record<string, string>> = {
  STOP: 'stop',
  FINISH_REASON_UNSPECIFIED: 'stop',
  CONTINUATION: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  LANGUAGE: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  MODEL_ARMOR: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  IMAGE_PROHIBITED_CONTENT: 'content_filter',
  IMAGE_RECITATION: 'content_filter',
  IMAGE_OTHER: 'error',
  NO_IMAGE: 'error',
  OTHER: 'error',
  MALFORMED_FUNCTION_CALL: 'error',
  MALFORMED_RESPONSE: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
  TOO_MANY_TOOL_CALLS: 'error',
}

/** The canonical finish; a reason that is new here is a stop. */
export const toFinish = (reason: string, called: boolean): string => {
  const finish = lookUp(finishes, reason) ?? 'stop'
  return finish === 'stop' && called ? 'tool_calls' : finish
}

const reasons: Readonly<Record<string, string>> = {
  length: 'MAX_TOKENS',
  content_filter: 'SAFETY',
  error: 'OTHER',
}

/** `finishReason`: the provider's own word where it was Google's, else what the finish means. */
export const toFinishReason = (finish: string, native?: unknown): string => {
  const plain = finish === 'tool_calls' || finish === 'function_call' ? 'stop' : finish
  if (typeof native === 'string' && lookUp(finishes, native) === plain) return native
  return lookUp(reasons, finish) ?? 'STOP'
}

/** The model's name without Google's folder. */
export const bareModel = (model: string): string => model.replace(/^models\//, '')
