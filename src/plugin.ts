export * as v from 'valibot'
export type * from './chat.ts'
export {
  attempts,
  caller,
  continuing,
  endpointId,
  hasContent,
  hedged,
  isLook,
  isSpoken,
  operations,
  route,
  seams,
  warnings,
} from './chat.ts'
export { durationOrZero as duration, size } from './config/scalars.ts'
export { GatewayError, messageOf, toGatewayError, type Attempt } from './errors.ts'
export { isNothing, isObject, listOf, objectOf, without, type Fields } from './fields.ts'
export { collect, fold } from './fold.ts'
export { Fork } from './fork.ts'
export { effortOf, shareOf } from './formats/effort.ts'
export { again, frozen, saidLast, thawed, type Frozen } from './formats/frozen.ts'
export { createThinkSplitter } from './formats/think-tags.ts'
export type { ServiceAnswer, ServiceRequest } from './outside/ask-service.ts'
export { hostOf, isOf } from './outside/domain.ts'
export type { Page, PageLimits } from './outside/page.ts'
export { harmless, untrusted } from './outside/untrusted.ts'
export { pause } from './pause.ts'
export { key } from './pipeline.ts'
export { definePlugin, type Order, type PluginDefinition } from './plugins/definition.ts'
export type { Asked, Errand, Host, Screen, Store } from './plugins/host.ts'
export { preferencesSchema } from './preferences.ts'
export { presentedKey } from './presented.ts'
export { conversationOf } from './router/choice/sticky.ts'
export { patience, usualPatience } from './router/limits/patience.ts'
export { atCandidate, candidatesOf, chosen, fittings, plan, served } from './router/plan.ts'
export type { Candidate, Placed, Plan } from './router/plan.ts'
export { matches } from './router/routes/pattern.ts'
export { parametersOf, withTools, type ServerTool, type ToolResult } from './server-tools.ts'
export { answer, answerWith, batchesOf, deferred, finished, firstContent } from './stream.ts'
export type { Answer, Batch } from './stream.ts'
export { createAnswerMapper, mapText, type Place, type TextMapper } from './text/answer.ts'
export { isDataUrl } from './text/data-url.ts'
export { mapOutgoing, type Outgoing } from './text/outgoing.ts'
export { mapTexts, textsOf } from './text/request.ts'
export { estimateTokens } from './text/tokens.ts'
export { answerHeaders, notices, reused, stages, type Stage } from './told.ts'
export { sumOf } from './usage.ts'
