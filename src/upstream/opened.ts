import type { Dialect } from '../dialects/dialect.ts'
import { GatewayError } from '../errors.ts'
import { onlyBatch, type Batch } from '../stream.ts'
import type { Exchange } from './exchange.ts'
import { meterStream, meterWhole } from './meter.ts'

/**
 * The answer of a dialect that talks to providers by itself, metered as any other. What it does until the answer begins
 * is under the limit that the watch was armed with.
 */
export const openByItself = async (
  { call, endpoint, provider, secret, send, controller, watch }: Exchange,
  open: NonNullable<Dialect['open']>,
  told: (status: number) => void,
  warn: (warnings: readonly string[]) => void,
): Promise<AsyncIterator<Batch>> => {
  const { signal } = controller
  const { touch } = watch
  const opened = await open(call, endpoint, provider, { secret, send, signal, touch, warn })
  told(200)
  watch.arm(provider.timeouts.stall, () => new GatewayError('upstream_timeout'))
  if ('whole' in opened) return onlyBatch(meterWhole(opened.whole, call, endpoint))
  return meterStream(opened.batches, call, endpoint, () => controller.abort())
}
