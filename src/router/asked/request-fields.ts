import * as v from 'valibot'
import type { Request } from '../../chat.ts'
import { GatewayError } from '../../errors.ts'
import { invalidRequest } from '../../errors/invalid.ts'
import { isObject } from '../../fields.ts'
import { preferencesOf } from './request-preferences.ts'

/** OpenRouter's limit. */
const longestSession = 256

const entries = {
  models: v.nullish(
    v.pipe(
      v.array(v.pipe(v.string(), v.nonEmpty('is empty'), v.maxLength(512, 'is too long'))),
      v.maxLength(32, 'expected 32 models at most'),
    ),
  ),
  route: v.nullish(v.picklist(['fallback', 'sort'], 'expected fallback or sort')),
  preset: v.nullish(v.pipe(v.string(), v.nonEmpty('is empty'))),
  plugins: v.nullish(v.array(v.looseObject({ id: v.string() }))),
  session_id: v.nullish(
    v.pipe(
      v.string(),
      v.maxLength(longestSession, `expected ${longestSession} characters at most`),
    ),
  ),
  metadata: v.nullish(v.looseObject({})),
}

const schema = v.object(entries)
const names = Object.keys(entries)

const effortsDiffer = ({ reasoning, reasoning_effort: effort }: Request): boolean =>
  typeof effort === 'string' &&
  isObject(reasoning) &&
  typeof reasoning.effort === 'string' &&
  reasoning.effort !== effort

/** Looks at the fields that speak to the router. Throws `invalid_request_error` that names the field. */
export const checkFields = (request: Request): void => {
  if (names.some((name) => name in request)) {
    const { success, issues } = v.safeParse(schema, request, { abortEarly: true })
    if (!success) throw invalidRequest(issues[0])
  }
  preferencesOf(request)
  if (effortsDiffer(request))
    throw new GatewayError('invalid_request_error', {
      param: 'reasoning_effort',
      message: 'reasoning_effort: says something else than reasoning.effort; give one of them.',
    })
}
