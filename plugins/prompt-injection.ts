import {
  deferred,
  definePlugin,
  GatewayError,
  mapTexts,
  notices,
  stages,
  textsOf,
  v,
  type Call,
  type Handler,
  type Request,
} from 'sluice/plugin'
import { detectors, type Detector } from './prompt-injection/hit.ts'
import { createScan } from './prompt-injection/scan.ts'
import { redacted } from './prompt-injection/redact.ts'
import { isShort, readAtOnce, readInSlices, type Found } from './prompt-injection/reader.ts'

const phrase = v.pipe(
  v.string(),
  v.trim(),
  v.nonEmpty('is empty'),
  v.maxBytes(1_000, 'expected at most 1000 bytes'),
)

const options = v.strictObject({
  action: v.optional(v.picklist(['flag', 'redact', 'block']), 'flag'),
  scan_scope: v.optional(v.picklist(['user_only', 'all_messages']), 'all_messages'),
  detectors: v.optional(v.array(v.picklist(detectors)), [...detectors]),
  allowlist: v.optional(
    v.pipe(v.array(phrase), v.maxLength(200, 'expected at most 200 phrases')),
    [],
  ),
})

type Scope = v.InferOutput<typeof options>['scan_scope']

const isOfUser = ({ role }: { readonly role: string }): boolean => role === 'user'

/** The part of a request that is looked at. */
const partOf = (request: Request, scope: Scope): Request =>
  scope === 'user_only' && request.messages
    ? { model: request.model, messages: request.messages.filter(isOfUser) }
    : request

/** The request with other texts where it was looked at. */
const mapPart = (request: Request, scope: Scope, fn: (text: string) => string): Request => {
  const { messages } = request
  if (scope === 'all_messages' || !messages) return mapTexts(request, fn)
  const mapped = messages.map((message) =>
    isOfUser(message)
      ? (mapTexts({ model: request.model, messages: [message] }, fn).messages?.[0] ?? message)
      : message,
  )
  return { ...request, messages: mapped }
}

const blocked = (found: readonly Detector[]): GatewayError =>
  new GatewayError('guardrail_blocked', {
    message: 'The request looks like a prompt injection.',
    metadata: { patterns: found },
  })

/** Finds prompt injections: instructions to the model inside of what it is to read. */
export default definePlugin({
  name: 'prompt-injection',
  options,
  operations: ['chat', 'completions'],
  order: [{ outside: 'fallback', why: 'what it finds is the same at every endpoint' }],
  setup({ action, scan_scope, detectors: wanted, allowlist }, host) {
    const scan = createScan({ detectors: wanted, allowlist })

    const decide = (call: Call, next: Handler, found: Found) => {
      if (found.size === 0) return next(call)
      const patterns = [...new Set([...found.values()].flat().map(({ detector }) => detector))]
      host.log.warn('prompt injection', { id: call.id, action, patterns })
      if (action === 'block') throw blocked(patterns)
      const told = action === 'redact' ? 'redacted' : 'found'
      call.vars.get(stages).push({
        type: 'guardrail',
        name: 'prompt-injection',
        summary: `${told} ${patterns.join(', ')}`,
        data: { action, patterns },
      })
      if (action === 'flag') return next(call)
      call.vars.get(notices).push('prompt-injection: a part of the prompt was taken out')
      const request = mapPart(call.request, scan_scope, (text) => {
        const hits = found.get(text)
        return hits ? redacted(text, hits) : text
      })
      return next({ ...call, request })
    }

    return (call, next) => {
      const texts = textsOf(partOf(call.request, scan_scope))
      return isShort(texts)
        ? decide(call, next, readAtOnce(texts, scan))
        : deferred(async () =>
            decide(call, next, await readInSlices(new Set(texts), scan, call.signal)),
          )
    }
  },
})
