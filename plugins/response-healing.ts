import {
  answer,
  batchesOf,
  definePlugin,
  GatewayError,
  notices,
  stages,
  sumOf,
  v,
  type Batch,
  type Call,
  type Handler,
} from 'sluice/plugin'
import { againOf } from './response-healing/again.ts'
import { createSpoken, readAll, type Spoken } from './response-healing/spoken.ts'
import { heal, type Healed } from './response-healing/heal.ts'
import { rewritten } from './response-healing/rewrite.ts'
import { wantedBy, type Wanted } from './response-healing/wanted.ts'

const settings = {
  retry: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1)),
  invalid: v.picklist(['pass', 'fail']),
  truncated: v.boolean(),
}

const options = v.strictObject({
  retry: v.optional(settings.retry, 0),
  invalid: v.optional(settings.invalid, 'pass'),
  truncated: v.optional(settings.truncated, false),
})

type Settings = v.InferOutput<typeof options>

interface Asking {
  readonly call: Call
  readonly next: Handler
  readonly wanted: Wanted
  readonly set: Settings
}

/** What each choice that has ended well should have said. */
const healAll = (spoken: Spoken, wanted: Wanted, { truncated }: Settings): Map<number, Healed> => {
  const healed = new Map<number, Healed>()
  for (const { index, text, finish } of spoken.choices())
    if (finish === 'stop' || (truncated && finish === 'length'))
      healed.set(index, heal(text, wanted))
  return healed
}

/** Makes answers that were to be JSON the JSON that was asked for. */
export default definePlugin({
  name: 'response-healing',
  options,
  asked: v.partial(v.strictObject(settings)),
  operations: ['chat'],
  order: [{ outside: 'resume', why: 'an answer is healed once it is whole' }],
  setup(own, host) {
    /** A second answer, and what is sound in it; undefined where there is none. */
    const askAgain = async ({ call, next, wanted, set }: Asking, first: Healed) => {
      const request = againOf(call.request, first, wanted)
      if (!request) return undefined
      try {
        const spoken = await readAll(batchesOf(next({ ...call, request })))
        const [only] = [...healAll(spoken, wanted, set).values()]
        return { usage: spoken.usage, sound: only?.problem === undefined ? only : undefined }
      } catch (thrown) {
        if (call.signal.aborted) throw thrown
        host.log.info('the second answer failed', { id: call.id })
        return undefined
      }
    }

    /** What is handed on of an answer that was held. */
    const settle = async (
      asking: Asking,
      held: readonly Batch[],
      spoken: Spoken,
    ): Promise<readonly Batch[]> => {
      const { call, wanted, set } = asking
      const healed = healAll(spoken, wanted, set)
      const [only] = healed
      let usage = spoken.usage
      let retried = false
      if (set.retry > 0 && only?.[1].problem !== undefined && spoken.choices().length === 1) {
        const again = await askAgain(asking, only[1])
        retried = again !== undefined
        if (again?.sound) healed.set(only[0], { ...again.sound, changed: true })
        if (again) usage = sumOf(usage, again.usage)
      }
      const all = [...healed.values()]
      const valid = all.every(({ problem }) => problem === undefined)
      const changed = all.some((one) => one.changed)
      if (!valid && set.invalid === 'fail')
        throw new GatewayError('upstream_invalid_response', {
          message: 'The answer is not the JSON that was asked for.',
        })
      if (!valid)
        call.vars.get(notices).push('response-healing: the JSON is not what was asked for')
      if (changed)
        call.vars.get(stages).push({
          type: 'response_healing',
          name: 'response-healing',
          summary: retried && valid ? 'asked again for valid JSON' : 'repaired the JSON',
          data: { valid, retried },
        })
      return retried || changed
        ? rewritten(held, new Map([...healed].map(([index, { text }]) => [index, text])), usage)
        : held
    }

    const healing = async function* healing(asking: Asking): AsyncGenerator<Batch> {
      const spoken = createSpoken()
      const batches = batchesOf(asking.next(asking.call))
      const held: Batch[] = []
      try {
        for (;;) {
          const { done, value } = await batches.next()
          if (done) break
          spoken.take(value)
          if (spoken.isOther) {
            yield* held.splice(0)
            yield value
          } else if (spoken.hasText) held.push(value)
          else yield value
        }
        yield* held.length > 0 ? await settle(asking, held, spoken) : held
      } finally {
        await batches.return?.()
      }
    }

    return (asking, next) => {
      const { options: said, call } = host.asked(asking)
      const wanted = wantedBy(call.request)
      return wanted ? answer(healing({ call, next, wanted, set: { ...own, ...said } })) : next(call)
    }
  },
})
