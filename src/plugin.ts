export * as v from 'valibot'
export {
  attempts,
  caller,
  continuing,
  endpointId,
  hasContent,
  hedged,
  isLook,
  operations,
  route,
  seams,
  warnings,
} from './chat.ts'
export { answerHeaders, notices, reused, stages, type Stage } from './told.ts'
export type * from './chat.ts'
export { durationOrZero as duration, size } from './config/scalars.ts'
export { GatewayError, toGatewayError, type Attempt } from './errors.ts'
export { isObject, listOf, type Fields } from './fields.ts'
export { collect, fold } from './fold.ts'
export { again, frozen, saidLast, thawed, type Frozen } from './formats/frozen.ts'
export { Fork } from './fork.ts'
export { definePlugin, type Order, type PluginDefinition } from './definition.ts'
export type { Asked } from './layer.ts'
export type { Errand, Host, Screen, Store } from './lent.ts'
export type { Page, PageLimits } from './outside/page.ts'
export type { ServiceAnswer, ServiceRequest } from './outside/ask-service.ts'
export { hostOf, isOf } from './outside/domain.ts'
export { harmless, untrusted } from './outside/untrusted.ts'
export { key } from './pipeline.ts'
export { presentedKey } from './presented.ts'
export { parametersOf, withTools, type ServerTool, type ToolResult } from './server-tools.ts'
export {
  answer,
  answerWith,
  batchesOf,
  deferred,
  firstContent,
  type Answer,
  type Batch,
} from './stream.ts'
export { mapOutgoing, type Outgoing } from './outgoing.ts'
export { createAnswerMapper, mapText, type Place, type TextMapper } from './said.ts'
export { mapTexts, textsOf } from './text.ts'
export { conversationOf } from './router/choice/sticky.ts'
export { effortOf, shareOf } from './formats/effort.ts'
export { createThinkSplitter } from './formats/think-tags.ts'
export { estimateTokens } from './tokens.ts'
export { preferencesSchema } from './preferences.ts'
export { matches } from './router/routes/pattern.ts'
export { patience, usualPatience } from './router/limits/patience.ts'
export {
  atCandidate,
  fittings,
  plan,
  served,
  type Candidate,
  type Placed,
  type Plan,
} from './router/plan.ts'
