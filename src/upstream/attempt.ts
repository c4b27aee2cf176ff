import { attempts, hasContent, hedged, warnings, type Call } from '../chat.ts'
import { GatewayError } from '../errors.ts'
import { classifyThrown, type Stage } from '../errors/classify.ts'
import type { Secret } from '../secret.ts'
import type { Batch } from '../stream.ts'
import { createCalled } from './called.ts'
import { openExchange, patienceFor, type Exchange } from './exchange.ts'
import { createNotes } from './notes.ts'
import type { Outcome } from './outcome.ts'
import { senderFor } from './send.ts'
import { createWatch } from './watch.ts'

type Target = Pick<Exchange, 'call' | 'endpoint' | 'provider' | 'dialect' | 'secret' | 'headers'>

export interface AttemptParts extends Target {
  /** Which of the provider's keys the secret is. */
  readonly key: number
  readonly heard: (batch: Batch) => void
  /** Called when the first content has come, if it does. */
  readonly spoke: () => void
  /** Called once. */
  readonly ended: (outcome: Outcome) => void
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
export const createAttempt = ({ key, heard, spoke, ended, ...target }: AttemptParts): Attempt => {
  const { call, endpoint, provider, secret } = target
  const began = performance.now()
  const record = recordFor(call, provider.name, endpoint.model)
  const elapsed = () => performance.now() - began
  const clock = () => void (record.ms ||= Math.max(1, Math.round(elapsed())))
  const notes = createNotes(call)
  const called = createCalled(call.request)

  const controller = new AbortController()
  const abort = () => controller.abort()
  const left = () => {
    // at once: who reads the records when another has spoken must not take it for the one that answers
    if (!over && call.signal.reason === hedged) record.code = hedged
    abort()
  }
  call.signal.addEventListener('abort', left, { once: true })
  const tooLong = () => new GatewayError('upstream_timeout')
  const watch = createWatch(provider.timeouts.total, tooLong, abort)
  watch.expect(patienceFor(call, provider.timeouts.first_content), tooLong)
  let stage: Stage = 'sent'
  let batches: AsyncIterator<Batch> | undefined
  let over = false
  let first: number | undefined
  let given = 0
  let held = 0

  const end = (complete: boolean, error?: GatewayError, tools?: boolean) => {
    if (over) return
    over = true
    clock()
    watch.stop()
    // an abort would cost a finished exchange its connection
    if (!complete) controller.abort()
    ended({
      endpoint,
      provider,
      key,
      complete,
      whole: call.request.stream !== true,
      ms: elapsed(),
      held,
      get usage() {
        return notes.usage()
      },
      ...notes.noted(),
      ...(first !== undefined && { first }),
      ...(error && { error }),
      ...(tools !== undefined && { tools }),
    })
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
    if (record.code !== hedged) record.code = error.code
    record.status = error.details.upstreamStatus ?? record.status
    return scrubbed(error, secret).with({ provider: provider.name, upstreamStatus: record.status })
  }

  return {
    async next() {
      try {
        if (given > 0) held += elapsed() - given
        batches ??= await open()
        const { done, value } = await batches.next()
        if (done) {
          end(true, undefined, called && (await called.sound(notes.noted().finish)))
          return undefined
        }
        heard(value)
        notes.take(value)
        called?.take(value)
        if (first === undefined && value.chunks.some(hasContent)) {
          stage = 'spoken'
          watch.met()
          first = elapsed()
          clock()
          spoke()
        }
        given = elapsed()
        return value
      } catch (thrown) {
        const error = failed(thrown)
        void batches?.return?.().catch(() => undefined)
        end(false, error)
        throw error
      }
    },
    async leave() {
      if (!over && first === undefined && record.code === 'ok') record.code = 'cancelled'
      end(false)
      await batches?.return?.()
    },
  }
}
