import {
  answer,
  batchesOf,
  continuing,
  definePlugin,
  endpointId,
  firstContent,
  Fork,
  seams,
  served,
  toGatewayError,
  v,
  type Batch,
  type Call,
  type Candidate,
  type GatewayError,
  type Handler,
} from 'sluice/plugin'
import { toRest } from './resume/begun.ts'
import { mayResume } from './resume/may.ts'
import { createSeam, sumOf, toPiece, type Broken } from './resume/rest.ts'
import { createSpoken, type Spoken } from './resume/spoken.ts'

const options = v.strictObject({
  attempts: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2)), 1),
})

/** Whether another endpoint may do better: not where the client has left, or the daemon stops. */
const isTheirs = ({ fault }: GatewayError): boolean => fault === 'endpoint' || fault === 'key'

/** The rest of an answer; undefined where nobody goes on with it. */
const askRest = async (call: Call, next: Handler, spoken: Spoken, from: Candidate) => {
  // what the rest tells of itself (its last words, its plan) is not true of the whole
  const vars = new Fork(call.vars)
  const text = spoken.text.trimEnd()
  vars.set(continuing, text !== '')
  try {
    const request = toRest(call.request, text, from.model)
    const rest = batchesOf(await firstContent(next({ ...call, request, vars })))
    const to = vars.get(served) ?? from
    const at = spoken.text.length
    call.vars.get(seams).push({ from: endpointId(from.endpoint), to: endpointId(to.endpoint), at })
    return { rest, to, join: createSeam(spoken.text.slice(text.length)) }
  } catch {
    return undefined
  }
}

/**
 * Goes on with a text that broke off in the middle on another endpoint, which is shown what was said so far as the
 * beginning of its own answer. Stands before `fallback`, which finds that endpoint.
 */
export default definePlugin({
  name: 'resume',
  options,
  operations: ['chat'],
  setup(settings) {
    const resumed = async function* resumed(call: Call, next: Handler): AsyncGenerator<Batch> {
      const spoken = createSpoken()
      let batches = batchesOf(next(call))
      try {
        for (;;) {
          const { done, value } = await batches.next()
          if (done) return
          spoken.take(value)
          yield value
        }
      } catch (thrown) {
        let error = toGatewayError(thrown)
        let from = call.vars.get(served)
        let usage = spoken.usage
        const broken: Broken[] = []
        for (let left = settings.attempts; left > 0 && from && spoken.isOpen; left--) {
          if (!isTheirs(error) || call.signal.aborted) break
          const told = spoken.text
          const before = broken.map(({ text }) => text).join('')
          broken.push({ before, text: told.slice(before.length), usage })
          const found = await askRest(call, next, spoken, from)
          if (!found) break
          batches = found.rest
          from = found.to
          usage = undefined
          try {
            for (;;) {
              const { done, value } = await batches.next()
              if (done) break
              for (const chunk of value.chunks) {
                if (chunk.usage) usage = chunk.usage
                const piece = toPiece(chunk, spoken.head, found.join)
                if (!piece) continue
                const batch = { chunks: [piece] }
                spoken.take(batch)
                yield batch
              }
            }
            if (!usage) return
            const sum = sumOf(broken, told, usage)
            yield { chunks: [{ ...spoken.head, choices: [], usage: sum }] }
            return
          } catch (again) {
            error = toGatewayError(again)
          }
        }
        throw error
      } finally {
        await batches.return?.()
      }
    }

    return (call, next) => (mayResume(call) ? answer(resumed(call, next)) : next(call))
  },
})
