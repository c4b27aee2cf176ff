import * as v from 'valibot'
import { percentiles } from './catalog.ts'
import { count, text } from './scalars.ts'

const lastError = v.object({ code: v.string(), at: v.string() })

const record = {
  until: v.optional(text('When it may be tried again.')),
  failures: v.pipe(count, v.description('In a row, until now.')),
  ejections: v.pipe(count, v.description('Since it was well; each rest is longer.')),
  last_error: v.nullable(lastError),
}
const state = v.picklist(['well', 'resting', 'half-open'])

const percent = (words: string) =>
  v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(100), v.description(words)))

const uptime = 'Percent of attempts that were answered, rate limits left out; null without any.'

const endpointHealth = v.object({
  model: v.string(),
  state,
  ...record,
  failing: v.pipe(
    v.boolean(),
    v.description('Under 80 % was answered in the last 30 s: others are asked first.'),
  ),
  in_flight: count,
  uptime_last_5m: percent(uptime),
  uptime_last_30m: percent(uptime),
  uptime_last_1d: percent(uptime),
  latency_last_5m: v.nullable(percentiles),
  throughput_last_5m: v.nullable(percentiles),
  tool_success_last_1d: percent('Percent of answers with tool calls whose calls were sound.'),
})

/** What the daemon says of itself. */
export const daemon = {
  Health: v.object({ status: v.literal('ok') }),
  LastError: lastError,
  EndpointHealth: endpointHealth,
  ProviderHealth: v.object({
    providers: v.array(
      v.object({
        name: v.string(),
        local: v.boolean(),
        state,
        ...record,
        in_flight: count,
        keys: v.array(
          v.object({
            index: v.pipe(count, v.description('Its place in the configuration.')),
            state: v.picklist(['well', 'limited', 'resting', 'half-open']),
            ...record,
          }),
        ),
        endpoints: v.array(endpointHealth),
      }),
    ),
  }),
  Readiness: v.object({
    status: v.picklist(['ready', 'draining']),
    in_flight: v.pipe(count, v.description('Calls that are being answered now.')),
  }),
  Version: v.object({ name: v.literal('sluice'), version: v.string(), bun: v.string() }),
} as const
