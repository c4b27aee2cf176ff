import { readFile } from 'node:fs/promises'
import {
  answer,
  batchesOf,
  deferred,
  definePlugin,
  GatewayError,
  isDataUrl,
  isSpoken,
  mapText,
  notices,
  stages,
  textsOf,
  v,
  type Call,
  type Handler,
  type Host,
  type Request,
} from 'sluice/plugin'
import { createGuard } from './moderation/guard.ts'
import { createJudge, Unchecked } from './moderation/judge.ts'
import { watched } from './moderation/watch.ts'
import { createMatcher, isFindable } from './moderation/matcher.ts'

const word = v.pipe(v.string(), v.check(isFindable, 'expected letters or digits'))

const options = v.pipe(
  v.strictObject({
    model: v.exactOptional(v.pipe(v.string(), v.nonEmpty('is empty'))),
    words: v.optional(v.array(word), []),
    files: v.optional(v.array(v.pipe(v.string(), v.nonEmpty('is empty'))), []),
    scope: v.optional(v.picklist(['input', 'output', 'both']), 'input'),
    action: v.optional(v.picklist(['flag', 'block']), 'block'),
    thresholds: v.optional(
      v.record(v.string(), v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
      {},
    ),
    fail: v.optional(v.picklist(['closed', 'open']), 'closed'),
  }),
  v.check(
    ({ model, words, files }) => model !== undefined || words.length + files.length > 0,
    'expected a model, words or files',
  ),
)

type Options = v.InferOutput<typeof options>

/** The words of a file, one a line; what follows # is a comment. */
const readWords = async (file: string, host: Host): Promise<readonly string[]> =>
  (await readFile(host.path(file), 'utf8'))
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter(isFindable)

/** What users and tools say: neither system prompts nor earlier answers. */
const saidIn = (asked: Request): readonly string[] => {
  const { tools: _, ...request } = asked
  const messages = request.messages?.filter(({ role }) => role === 'user' || role === 'tool')
  const texts = textsOf(messages ? { ...request, messages } : request)
  return texts.filter((text) => !isDataUrl(text))
}

const tell = (call: Call, action: Options['action'], what: string, reasons: readonly string[]) => {
  if (action === 'block')
    throw new GatewayError('guardrail_blocked', {
      message: `The ${what} was flagged by the moderation.`,
      metadata: { reasons },
    })
  call.vars.get(stages).push({
    type: 'guardrail',
    name: 'moderation',
    summary: `flagged the ${what}: ${reasons.join(', ')}`,
    data: { action, reasons },
  })
}

/** Has what is asked, what is answered, or both looked at by a moderation model and by lists of words. */
export default definePlugin({
  name: 'moderation',
  options,
  asked: v.strictObject({}),
  insists: true,
  operations: ['chat', 'completions', 'images', 'speech'],
  order: [{ outside: 'fallback', why: 'the moderation model is asked through fallback, too' }],
  async setup(set, host) {
    const { model, thresholds, action, scope, fail } = set
    const lists = await Promise.all(set.files.map((file) => readWords(file, host)))
    const words = [...set.words, ...lists.flat()]
    const matcher = words.length > 0 ? createMatcher(words) : undefined
    const judge = model === undefined ? undefined : createJudge({ model, thresholds }, host)

    const ask = async (call: Call, texts: readonly string[]): Promise<readonly string[]> => {
      try {
        return judge ? await judge(call, texts) : []
      } catch (thrown) {
        if (!(thrown instanceof Unchecked)) throw thrown
        if (fail === 'closed') throw new GatewayError('moderation_unavailable')
        call.vars.get(notices).push('moderation: nobody could be asked, nothing was checked')
        return []
      }
    }

    const hasWords = (texts: readonly string[]): boolean =>
      matcher !== undefined && texts.some((text) => matcher.has(text))

    const answered = (call: Call, next: Handler) => {
      const refuse = (): never => {
        throw new GatewayError('guardrail_blocked', {
          message: 'The answer was flagged by the moderation.',
          metadata: { reasons: ['words'] },
        })
      }
      if (action === 'block' && !judge && matcher)
        return mapText(next(call), () => createGuard(matcher, refuse))
      const check = async (texts: readonly string[], all: boolean): Promise<void> => {
        if (!all && action === 'block' && fail === 'closed')
          throw new GatewayError('moderation_unavailable', {
            message: 'The answer is too long to be checked.',
          })
        const reasons = [...(hasWords(texts) ? ['words'] : []), ...(await ask(call, texts))]
        if (reasons.length > 0) tell(call, action, 'answer', reasons)
      }
      return answer(watched(batchesOf(next(call)), action === 'block', check))
    }

    return (asking, next) => {
      const { call } = host.asked(asking)
      const onward = () => (scope !== 'input' && isSpoken(call) ? answered(call, next) : next(call))
      if (scope === 'output') return onward()
      const texts = saidIn(call.request)
      if (hasWords(texts)) tell(call, action, 'request', ['words'])
      if (!judge) return onward()
      return deferred(async () => {
        const reasons = await ask(call, texts)
        if (reasons.length > 0) tell(call, action, 'request', reasons)
        return onward()
      })
    }
  },
})
