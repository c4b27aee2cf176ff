import {
  chosen,
  deferred,
  definePlugin,
  firstContent,
  fittings,
  GatewayError,
  key,
  notices,
  stages,
  v,
  type Call,
  type Candidate,
  type Handler,
  type Request,
} from 'sluice/plugin'
import { middleOut } from './context-compression/middle-out.ts'
import { lengthOf } from './context-compression/tokens.ts'
import { roomAt } from './context-compression/room.ts'

const options = v.strictObject({
  up_to: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 8_192),
})

const asked = v.strictObject({ engine: v.optional(v.literal('middle-out')) })

/** Whether a request wants to be compressed, for any context; `transforms` is how OpenRouter used to say it. */
const wishOf = ({ transforms }: Request, asks: boolean): boolean | undefined => {
  if (asks) return true
  return Array.isArray(transforms) ? transforms.includes('middle-out') : undefined
}

/** Characters that fit everywhere. */
const small = 2_000

const fitted = key<boolean>('context compression fitted', () => false)

const name = 'context-compression'

/** Told of the latest attempt only. */
const tell = (call: Call, summary: string, data: object): void => {
  const told = call.vars.get(stages)
  const before = told.findIndex((stage) => stage.name === name)
  if (before !== -1) told.splice(before, 1)
  else call.vars.get(notices).push(`${name}: the middle of the prompt was left out`)
  told.push({ type: 'context_compression', name, summary, data: { ...data } })
}

const advised = (thrown: unknown): never => {
  if (!(thrown instanceof GatewayError) || thrown.code !== 'context_length_exceeded') throw thrown
  const advice = `"plugins": [{"id": "${name}"}] leaves out its middle.`
  throw thrown.with({ message: `${thrown.message} ${advice}` })
}

/** Leaves out the middle of prompts that are too long for who is asked. */
export default definePlugin({
  name,
  options,
  asked,
  operations: ['chat', 'completions'],
  setup({ up_to }, host) {
    const fit = (call: Call, candidate: Candidate, wish: boolean | undefined): Request => {
      const { facts, endpoint } = candidate
      const { context_length } = facts
      if (context_length === undefined || facts.output_modalities?.includes('text') === false)
        return call.request
      if (wish === false || (wish === undefined && context_length > up_to)) return call.request
      const made = middleOut(call.request, roomAt(call.request, candidate))
      if (!made) return call.request
      const { request, ...counts } = made
      const at = `${endpoint.provider}/${endpoint.model}`
      tell(call, `${counts.left_out} messages left out, ${counts.shortened} shortened`, {
        engine: 'middle-out',
        endpoint: at,
        context_length,
        ...counts,
      })
      return request
    }

    const compressed = (call: Call, next: Handler, wish: boolean | undefined) => {
      const candidate = chosen(call)
      if (candidate) return next({ ...call, request: fit(call, candidate, wish) })
      if (!call.vars.get(fitted)) {
        call.vars.set(fitted, true)
        call.vars.get(fittings).push((placed, to) => fit(placed, to, wish))
      }
      return next(call)
    }

    return (asking, next) => {
      const { options: said, call } = host.asked(asking)
      const wish = wishOf(call.request, said !== undefined)
      if (lengthOf(call.request) <= small) return next(call)
      return wish
        ? compressed(call, next, wish)
        : deferred(() => firstContent(compressed(call, next, wish)).catch(advised))
    }
  },
})
