import type { Decoded, Decoder } from '../dialects/dialect.ts'
import type { Batch } from '../stream.ts'
import type { Meter } from './meter.ts'
import type { Reads } from './reads.ts'

/**
 * A provider's network reads as metered batches. By hand, not as generators around generators: each of those would make
 * every read wait several times over.
 * @param cut stops the provider
 */
export const createFlow = (
  reads: Reads,
  decoder: Decoder,
  meter: Meter,
  cut: () => void,
): AsyncIterator<Batch> => {
  let ready: Batch[] = []
  let at = 0
  let over = false
  let failure: { readonly error: unknown } | undefined

  const leave = () => reads.return?.()

  const take = ({ batches, end, error }: Decoded): void => {
    for (const batch of batches) {
      const passed = meter.push(batch)
      ready.push(...passed.batches)
      if (!passed.over) continue
      over = true
      return cut()
    }
    if (error !== undefined) throw error
    if (end === undefined) return
    over = true
    ready.push(...meter.end(end))
  }

  return {
    async next() {
      for (;;) {
        const batch = ready[at++]
        if (batch) return { done: false, value: batch }
        if (failure) throw failure.error
        if (over) return { done: true, value: undefined }
        ready = []
        at = 0
        const read = await reads.next()
        try {
          take(read.done ? decoder.close() : decoder.push(read.value))
        } catch (error) {
          failure = { error }
        }
        if (over) await leave()
      }
    },
    async return() {
      over = true
      await leave()
      return { done: true, value: undefined }
    },
  }
}
