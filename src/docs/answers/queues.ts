import * as v from 'valibot'
import { count, text } from './scalars.ts'

const whole = (description: string) => v.pipe(count, v.description(description))

const rate = v.pipe(
  v.object({ requests: v.optional(count), tokens: v.optional(count) }),
  v.description('Of a minute; what is not limited is absent.'),
)

const waiting = v.object({
  position: whole('From 1.'),
  caller: text('The name of its key, or its address.'),
  model: v.string(),
  waited_ms: count,
  estimate_ms: v.optional(
    whole('Milliseconds that it will probably still wait, where that is known.'),
  ),
})

/** Who waits for whom. */
export const queues = {
  Rate: rate,
  Queues: v.object({
    object: v.literal('list'),
    data: v.array(
      v.object({
        provider: v.string(),
        in_flight: whole('Calls that it is answering now.'),
        max_concurrent: count,
        limits: rate,
        left: rate,
        queue: whole('Calls that may wait for it.'),
        waiting: v.pipe(
          v.array(waiting),
          v.description('In the order in which they are served: the callers in turn.'),
        ),
      }),
    ),
  }),
} as const
