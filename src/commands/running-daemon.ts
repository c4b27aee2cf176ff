import { isObject } from '../fields.ts'
import { parsed } from '../json.ts'

/** What the daemon, or the lack of one, says instead of an answer. */
export class Refused extends Error {}

/** Milliseconds. */
const patience = 10_000

/** Bytes. */
const longest = 64 * 1024 * 1024

const readText = async (response: Response): Promise<string> => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.byteLength
    if (size > longest) return ''
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

const messageIn = (body: unknown, status: number): string => {
  const error = isObject(body) ? body.error : undefined
  return isObject(error) && typeof error.message === 'string'
    ? error.message
    : `the daemon answered with ${status}`
}

export interface Question {
  readonly url: string
  readonly key: string | undefined
  readonly path: string
  /** Posted, if there is one. */
  readonly body?: object
}

/**
 * What the daemon that runs there answers, undefined where none does. Throws Refused when it says no.
 */
export const askRunning = async ({ url, key, path, body }: Question): Promise<unknown> => {
  if (!URL.canParse(url)) throw new Refused(`${url} is no address; http://127.0.0.1:4747 is one`)
  const response = await fetch(new URL(path, url), {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(key && { authorization: `Bearer ${key}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
    redirect: 'manual',
    signal: AbortSignal.timeout(patience),
  }).catch(() => undefined)
  if (!response || (!body && !response.headers.has('x-sluice-version'))) return undefined
  const answer = parsed(await readText(response).catch(() => ''))
  if (!response.ok || !isObject(answer)) throw new Refused(messageIn(answer, response.status))
  return answer
}
