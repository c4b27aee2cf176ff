import {
  answer,
  batchesOf,
  definePlugin,
  GatewayError,
  notices,
  stages,
  v,
  type Batch,
  type Call,
  type Handler,
} from 'sluice/plugin'
import { againOf, sumOf } from './response-healing/again.ts'
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

const broken = (healed: readonly Healed[]): Healed | undefined =>
  healed.find(({ problem }) => problem !== undefined)

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
    /** A second answer that is sound; undefined where it is no better. */
    const askAgain = async (
      call: Call,
      next: Handler,
      first: Healed,
      wanted: Wanted,
      set: Settings,
    ) => {
      const request = againOf(call.request, first, wanted)
      if (!request) return undefined
      try {
        const spoken = await readAll(batchesOf(next({ ...call, request })))
        const [only] = [...healAll(spoken, wanted, set).values()]
        return { spoken, healed: only?.problem === undefined ? only : undefined }
      } catch (thrown) {
        if (call.signal.aborted) throw thrown
        host.log.info('the second answer failed', { id: call.id })
        return undefined
      }
    }

    const settle = async (
      call: Call,
      next: Handler,
      held: readonly Batch[],
      spoken: Spoken,
      wanted: Wanted,
      set: Settings,
    ): Promise<readonly Batch[]> => {
      const healed = healAll(spoken, wanted, set)
      const [only] = healed
      let usage = spoken.usage
      let retried = false
      if (set.retry > 0 && only?.[1].problem !== undefined && spoken.choices().length === 1) {
        const again = await askAgain(call, next, only[1], wanted, set)
        retried = again !== undefined
        if (again?.healed) healed.set(only[0], { ...again.healed, changed: true })
        if (again) usage = sumOf(usage, again.spoken.usage)
      }
      const all = [...healed.values()]
      const wrong = broken(all)
      if (wrong && set.invalid === 'fail')
        throw new GatewayError('upstream_invalid_response', {
          message: 'The answer is not the JSON that was asked for.',
        })
      if (wrong) call.vars.get(notices).push('response-healing: the JSON is not what was asked for')
      if (all.some(({ changed }) => changed))
        call.vars.get(stages).push({
          type: 'response_healing',
          name: 'response-healing',
          summary: retried && !wrong ? 'asked again for sound JSON' : 'repaired the JSON',
          data: { valid: !wrong, retried },
        })
      return retried || all.some(({ changed }) => changed)
        ? rewritten(held, new Map([...healed].map(([index, { text }]) => [index, text])), usage)
        : held
    }

    const healing = async function* healing(
      call: Call,
      next: Handler,
      wanted: Wanted,
      set: Settings,
    ): AsyncGenerator<Batch> {
      const spoken = createSpoken()
      const batches = batchesOf(next(call))
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
        yield* held.length > 0 ? await settle(call, next, held, spoken, wanted, set) : held
      } finally {
        await batches.return?.()
      }
    }

    return (asking, next) => {
      const { options: asked, call } = host.asked(asking)
      const wanted = wantedBy(call.request)
      return wanted ? answer(healing(call, next, wanted, { ...own, ...asked })) : next(call)
    }
  },
})
