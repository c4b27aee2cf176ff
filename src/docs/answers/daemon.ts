import * as v from 'valibot'
import { count } from './scalars.ts'

/** What the daemon says of itself. */
export const daemon = {
  Health: v.object({ status: v.literal('ok') }),
  Readiness: v.object({
    status: v.picklist(['ready', 'draining']),
    in_flight: v.pipe(count, v.description('Calls that are being answered now.')),
  }),
  Version: v.object({ name: v.literal('sluice'), version: v.string(), bun: v.string() }),
} as const
