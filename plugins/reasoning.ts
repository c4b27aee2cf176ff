import {
  chosen,
  deferred,
  definePlugin,
  firstContent,
  fittings,
  type Answer,
  type Call,
  type Handler,
} from 'sluice/plugin'
import { worked } from './reasoning/answer.ts'
import { createFit, createNotes, type Fitted, type Hold } from './reasoning/fit.ts'
import { options, type Options } from './reasoning/options.ts'
import { createSpent } from './reasoning/spent.ts'
import { createParting, type Parting } from './reasoning/tags.ts'
import { wishOf } from './reasoning/wish.ts'

/** @param fitted undefined where another plugin answers, perhaps with what a provider said before */
const partingFor = (
  fitted: Fitted | undefined,
  setting: Options['think_tags'],
): Parting | undefined => {
  if (setting === false) return undefined
  if (!fitted) return createParting(setting === 'inside')
  const { candidate, ability, off } = fitted
  if (setting !== 'auto') return createParting(setting === 'inside' && !off)
  const { local, quirks, dialects } = candidate.provider
  if (!dialects.includes('openai')) return undefined
  const thinks = ability.thinks === 'usually' || ability.thinks === 'always'
  const may = local || quirks.think_tags === true || thinks
  return may ? createParting(local && ability.inside && !off) : undefined
}

/** Lets models think only where somebody asks for it, as much as may be, and shows it where it belongs. */
export default definePlugin({
  name: 'reasoning',
  options,
  operations: ['chat'],
  setup(settings, host) {
    const { budget, think_tags } = settings
    const spent = budget && createSpent(host, budget.tokens)
    const notes = createNotes()
    const fit = createFit(settings, host, notes, spent)

    const read = (call: Call, answered: Answer, ended: ((tokens: number) => void) | undefined) => {
      const fitted = call.vars.get(notes.fitted)
      const parting = partingFor(fitted, think_tags)
      const hides = fitted?.hidden ?? wishOf(call.request, call.request.model).hidden
      if (!parting && !hides && !ended) return answered
      const keepsSealed = call.source?.format === 'responses'
      return worked(answered, {
        hides,
        keepsSealed,
        ...(parting && { parting }),
        ...(ended && { ended }),
      })
    }

    const ask = async (call: Call, next: Handler): Promise<Answer> => {
      const hold: Hold = {}
      call.vars.set(notes.hold, hold)
      call.vars.set(notes.fitted, undefined)
      try {
        const candidate = chosen(call)
        const fitting = candidate ? { ...call, request: fit(call, candidate) } : call
        const answered = await firstContent(next(fitting))
        return read(call, answered, spent && ((thought) => hold.settle?.(thought)))
      } catch (thrown) {
        hold.settle?.(0)
        throw thrown
      }
    }

    return (call, next) => {
      const known = call.vars.get(fittings)
      if (!call.endpoint && !known.includes(fit)) call.vars.set(fittings, [...known, fit])
      return deferred(() => ask(call, next))
    }
  },
})
