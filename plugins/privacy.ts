import {
  conversationOf,
  deferred,
  definePlugin,
  GatewayError,
  notices,
  objectOf,
  stages,
  type Call,
  type Chunk,
  type Handler,
} from 'sluice/plugin'
import { told, type Action, type AnswerAction } from './privacy/actions.ts'
import { privateAnswer, type Rules } from './privacy/private-answer.ts'
import { createFinder, type Hit } from './privacy/find.ts'
import { mask, textsToFindIn, type Masked, type MaskingParts } from './privacy/masking.ts'
import { kindsOf, options } from './privacy/options.ts'
import { createPlaceholder, type Placeholder } from './privacy/placeholder.ts'
import { createScreen } from './privacy/screen.ts'
import { recalled } from './privacy/recalled.ts'
import { secretIn } from './privacy/secret.ts'
import { createThoughts } from './privacy/thoughts.ts'
import { vault } from './privacy/vault.ts'
import { createOpen } from './privacy/where.ts'

const done: Readonly<Partial<Record<Action, string>>> = {
  mask: 'masked',
  redact: 'redacted',
  flag: 'found',
}

const tell = (call: Call, { counts }: Masked): void => {
  const parts = Object.entries(done).flatMap(([action, word]) => {
    const of = counts[action as Action]
    return of ? [`${word} ${told(of)}`] : []
  })
  if (parts.length === 0) return
  const summary = parts.join('; ')
  const list = call.vars.get(stages)
  // an attempt at another provider found the same
  if (list.some((stage) => stage.name === 'privacy' && stage.summary === summary)) return
  list.push({ type: 'guardrail', name: 'privacy', summary, data: counts })
  if (counts.flag) call.vars.get(notices).push(`privacy: found ${told(counts.flag)}`)
}

/** Whatever goes wrong, nothing is sent; the reason stays here, as it may quote what was to be sent. */
const closed = (thrown: unknown): GatewayError =>
  thrown instanceof GatewayError ? thrown : new GatewayError('privacy_unavailable')

/** The kind of error, whose own words may quote what was to be sent. */
const nameOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.name : 'it threw what is no error'

/**
 * Keeps what is private from providers: secrets and personal data are masked, and put back in the answer; or redacted,
 * blocked, flagged. Inside `fallback` it may leave those providers alone that are told to read all.
 */
export default definePlugin({
  name: 'privacy',
  options,
  closed: true,
  order: [{ inside: 'file-parser', why: 'what a file says can be checked only once it is parsed' }],
  async setup(settings, host) {
    const { actionOf, asked, answered } = kindsOf(settings)
    const finder = await createFinder(settings, [...new Set([...asked, ...answered])], host.path)
    const find = recalled(finder.find)
    const directory = host.directory()
    const secret = secretIn(directory)
    const thoughts = createThoughts(directory, secret, () =>
      host.log.warn(
        'the file of signed thoughts cannot be written: what was put back into them is forgotten at the next restart',
      ),
    )
    const isOpen = createOpen(settings, host)
    const answerActionOf = (kind: string): AnswerAction => settings.answers[kind] ?? 'off'
    host.onLeave(createScreen({ find: finder.find, actionOf }))

    /** Which conversation it is is only looked up where something is masked. */
    const placeholderFor = (call: Call): Placeholder => {
      let made: Placeholder | undefined
      return (...of) => {
        made ??= createPlaceholder(secret, conversationOf(call, '')?.key ?? '')
        return made(...of)
      }
    }

    const partsFor = (call: Call, sent: Set<string>, find: MaskingParts['find']): MaskingParts => ({
      find(text) {
        const hits = find(text)
        for (const { start, end } of hits) sent.add(text.slice(start, end))
        return hits
      },
      actionOf,
      isOurs: thoughts.isOurs,
      placeholder: placeholderFor(call),
      known: call.vars.get(vault),
    })

    const tightened = ({ request, ...call }: Call): Call => {
      const { provider } = request
      return Object.keys(settings.when_found).length === 0
        ? { ...call, request }
        : {
            ...call,
            request: { ...request, provider: { ...objectOf(provider), ...settings.when_found } },
          }
    }

    const pass = (call: Call, next: Handler, find: MaskingParts['find']): AsyncIterable<Chunk> => {
      const sent = new Set<string>()
      let masked: Masked
      try {
        masked = mask(call, partsFor(call, sent, find))
        tell(call, masked)
        const all = call.vars.get(vault)
        for (const [placeholder, known] of masked.secrets) all.set(placeholder, known)
      } catch (thrown) {
        throw closed(thrown)
      }
      const { secrets, counts } = masked
      const rules: Rules | undefined =
        answered.length > 0 ? { find: finder.find, actionOf: answerActionOf, sent } : undefined
      const onward = Object.keys(counts).length > 0 ? tightened(masked.call) : masked.call
      const said = next(onward)
      return secrets.size === 0 && !rules
        ? said
        : privateAnswer(said, call, secrets, thoughts.listen(), rules)
    }

    /** A search that knows what the recogniser found in the call; it has so long for that. */
    const recognising = async (call: Call): Promise<MaskingParts['find']> => {
      const texts = textsToFindIn(call)
      const signal = AbortSignal.any([call.signal, AbortSignal.timeout(settings.recogniser_time)])
      const late = new Promise<undefined>((resolve) =>
        signal.addEventListener('abort', () => resolve(undefined), { once: true }),
      )
      const found = await Promise.race([finder.recognise?.(texts, signal), late])
      if (!found) throw new GatewayError('privacy_unavailable')
      const hits = new Map<string, readonly Hit[]>(texts.map((text, at) => [text, found[at] ?? []]))
      return (text) => [...find(text), ...(hits.get(text) ?? [])]
    }

    const recognised = (call: Call) =>
      recognising(call).catch((thrown: unknown) => {
        const reason = thrown instanceof GatewayError ? 'it took too long' : nameOf(thrown)
        if (!call.signal.aborted)
          host.log.warn('the recogniser failed; nothing was sent', { id: call.id, reason })
        throw closed(thrown)
      })

    return (call, next) => {
      if (isOpen(call)) return next(call)
      if (!finder.recognise) return pass(call, next, find)
      return deferred(async () => pass(call, next, await recognised(call)))
    }
  },
})
