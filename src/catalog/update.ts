import { GatewayError } from '../errors.ts'
import { parsed } from '../json.ts'
import { readsOf, readText } from '../upstream/reads.ts'
import { overNetwork } from '../upstream/send.ts'
import { version } from '../version.ts'
import { toModelsDev, type ModelsDev } from './models-dev.ts'
import {
  largestFile,
  modelsDevFile,
  readModelsDev,
  writeModelsDev,
  type Downloaded,
} from './models-dev-file.ts'

export const usualUrl = 'https://models.dev/api.json'

/** Milliseconds for the whole download. */
const patience = 60_000

/** Why there is no new list; the old one stays. */
export class UpdateError extends Error {
  readonly kind: 'url' | 'unreachable' | 'no list'

  constructor(kind: UpdateError['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

export interface Update {
  readonly file: string
  readonly now: ModelsDev
  readonly before: ModelsDev | undefined
  /** The server said that nothing has changed since then. */
  readonly unchanged: boolean
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** Prices are only taken from who proves its name. */
const checkedUrl = (written: string): string => {
  const url = URL.canParse(written) ? new URL(written) : undefined
  if (!url) throw new UpdateError('url', `${written} is no URL`)
  if (url.username || url.password)
    throw new UpdateError('url', 'the URL must not hold a name or a password')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback.test(url.hostname)))
    throw new UpdateError('url', 'the URL must be https, or http on this machine')
  return url.href
}

const reasonOf = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return 'it cannot be reached'
  if (thrown instanceof GatewayError) return thrown.message
  if (thrown.name === 'TimeoutError') return `no answer within ${patience / 1_000} s`
  const code: unknown = Reflect.get(thrown, 'code')
  return `it cannot be reached (${typeof code === 'string' ? code : thrown.message})`
}

const download = async (url: string, old: Downloaded | undefined) => {
  const tag = old?.url === url ? old.etag : undefined
  const response = await overNetwork(url, {
    headers: {
      accept: 'application/json',
      'user-agent': `sluice/${version}`,
      ...(tag !== undefined && { 'if-none-match': tag }),
    },
    signal: AbortSignal.timeout(patience),
  })
  const reads = readsOf(response.body, () => undefined)
  if (response.status === 200) return { json: await readText(reads, largestFile), response }
  await reads.return?.()
  if (response.status === 304 && tag !== undefined) return { json: undefined, response }
  const { status } = response
  const moved = status >= 300 && status < 400
  throw new UpdateError(
    'unreachable',
    moved ? `it answered ${status}, and redirects are not followed` : `it answered ${status}`,
  )
}

/**
 * Downloads models.dev's list, or a mirror of it, into the directory. Throws UpdateError, and then what was there
 * before is still there.
 */
export const updateModelsDev = async (directory: string, written = usualUrl): Promise<Update> => {
  const url = checkedUrl(written)
  const file = modelsDevFile(directory)
  const old = await readModelsDev(file).catch(() => undefined)
  const { json, response } = await download(url, old).catch((thrown: unknown) => {
    if (thrown instanceof UpdateError) throw thrown
    throw new UpdateError('unreachable', reasonOf(thrown))
  })
  if (json === undefined && old) return { file, now: old.list, before: old.list, unchanged: true }
  const now = json === undefined ? undefined : toModelsDev(parsed(json))
  if (json === undefined || !now)
    throw new UpdateError('no list', 'what it sent is no list of models')
  const etag = response.headers.get('etag')
  await writeModelsDev(directory, { json: json.trim(), url, ...(etag !== null && { etag }) })
  return { file, now, before: old?.list, unchanged: false }
}
