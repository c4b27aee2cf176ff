import { attempts, hasContent, warnings, type Call } from '../chat.ts'
import { GatewayError } from '../errors.ts'
import { classifyThrown, type Stage } from '../errors/classify.ts'
import type { Secret } from '../secret.ts'
import type { Batch } from '../stream.ts'
import { openExchange, type Exchange } from './exchange.ts'
import { senderFor } from './send.ts'
import { createWatch } from './watch.ts'

type Target = Pick<Exchange, 'call' | 'endpoint' | 'provider' | 'dialect' | 'secret' | 'headers'>

export interface AttemptParts extends Target {
  readonly heard: (batch: Batch) => void
  /** Called once. An answer that was given up is neither complete nor failed. */
  readonly ended: (error: GatewayError | undefined, complete: boolean) => void
}

/** One send to one endpoint. */
export interface Attempt {
  /** The next batch; undefined when the answer is complete. Throws GatewayError. */
  next(): Promise<Batch | undefined>
  /** Gives it up. */
  leave(): Promise<void>
}

/** A provider's words never carry our own key. */
const scrubbed = (error: GatewayError, secret: Secret | undefined): GatewayError => {
  const key = secret?.reveal()
  return key && error.message.includes(key)
    ? error.with({ message: error.message.replaceAll(key, '***') })
    : error
}

const recordFor = ({ vars }: Call, provider: string, model: string) => {
  const record = { provider, model, status: 0, code: 'ok', ms: 0 }
  vars.get(attempts).push(record)
  return record
}

/** An attempt that is recorded, watched, and over for good once it has ended. */
export const createAttempt = ({ heard, ended, ...target }: AttemptParts): Attempt => {
  const { call, endpoint, provider, secret } = target
  const began = performance.now()
  const record = recordFor(call, provider.name, endpoint.model)
  const clock = () => void (record.ms ||= Math.max(1, Math.round(performance.now() - began)))

  const controller = new AbortController()
  const abort = () => controller.abort()
  call.signal.addEventListener('abort', abort, { once: true })
  const tooLong = () => new GatewayError('upstream_timeout')
  const watch = createWatch(provider.timeouts.total, tooLong, abort)
  let stage: Stage = 'sent'
  let batches: AsyncIterator<Batch> | undefined
  let over = false

  const end = (complete: boolean, error?: GatewayError) => {
    if (over) return
    over = true
    clock()
    watch.stop()
    // an abort would cost a finished exchange its connection
    if (!complete) controller.abort()
    ended(error, complete)
  }

  const open = () =>
    openExchange(
      { ...target, send: senderFor(provider), controller, watch },
      (status) => {
        record.status = status
        stage = 'headed'
      },
      (told) => call.vars.set(warnings, told),
    )

  const failed = (thrown: unknown): GatewayError => {
    const error = call.signal.aborted
      ? new GatewayError('client_closed')
      : (watch.expired ?? classifyThrown(thrown, stage))
    record.code = error.code
    record.status = error.details.upstreamStatus ?? record.status
    return scrubbed(error, secret).with({ provider: provider.name, upstreamStatus: record.status })
  }

  return {
    async next() {
      try {
        batches ??= await open()
        const { done, value } = await batches.next()
        if (done) {
          end(true)
          return undefined
        }
        heard(value)
        if (stage !== 'spoken' && value.chunks.some(hasContent)) {
          stage = 'spoken'
          clock()
        }
        return value
      } catch (thrown) {
        const error = failed(thrown)
        void batches?.return?.().catch(() => undefined)
        end(false, error)
        throw error
      }
    },
    async leave() {
      end(false)
      await batches?.return?.()
    },
  }
}
