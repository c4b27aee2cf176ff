import { isObject } from '../../fields.ts'
import type { Decision } from '../../router/choice/decision.ts'
import { askRunning, Refused } from '../running-daemon.ts'

/** Where the daemon that runs there would send the request. Throws Refused. */
export const askDaemon = async (
  url: string,
  key: string | undefined,
  body: object,
): Promise<Decision> => {
  const answer = await askRunning({ url, key, path: '/api/route', body })
  if (answer === undefined) throw new Refused(`nobody answers at ${url}`)
  if (!isObject(answer) || !Array.isArray(answer.candidates))
    throw new Refused('the daemon answered with something else')
  return answer as unknown as Decision
}
