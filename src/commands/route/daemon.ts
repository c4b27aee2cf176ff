import { isObject } from '../../fields.ts'
import { parsed } from '../../json.ts'
import type { Decision } from '../../router/decision.ts'

/** What the daemon, or the lack of one, says instead of a decision. */
export class Refused extends Error {}

/** Milliseconds. */
const patience = 10_000

/** Bytes. */
const longest = 16 * 1024 * 1024

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

/** Where the daemon that runs there would send the request. Throws Refused. */
export const askDaemon = async (
  url: string,
  key: string | undefined,
  body: object,
): Promise<Decision> => {
  if (!URL.canParse(url)) throw new Refused(`${url} is no address; http://127.0.0.1:4747 is one`)
  const headers = {
    'content-type': 'application/json',
    ...(key && { authorization: `Bearer ${key}` }),
  }
  const response = await fetch(new URL('/api/route', url), {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    redirect: 'manual',
    signal: AbortSignal.timeout(patience),
  }).catch(() => undefined)
  if (!response) throw new Refused(`nobody answers at ${url}`)
  const answer = parsed(await readText(response).catch(() => ''))
  if (!response.ok || !isObject(answer) || !Array.isArray(answer.candidates))
    throw new Refused(messageIn(answer, response.status))
  return answer as unknown as Decision
}
