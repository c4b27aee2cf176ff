import type { Call } from '../../src/chat.ts'
import type { ProviderConfig } from '../../src/config.ts'
import type { Dialect, StreamEnd, StreamLimits } from '../../src/dialects/dialect.ts'
import type { Batch } from '../../src/stream.ts'

/** A stream through a dialect's decoder; what broke it is thrown after what came before. */
export async function* decodeStream(
  dialect: Dialect,
  reads: AsyncIterable<Uint8Array>,
  limits: StreamLimits,
  call: Call,
  provider?: ProviderConfig,
): AsyncGenerator<Batch, StreamEnd> {
  const decoder = dialect.decoder(limits, call, provider)
  for await (const bytes of reads) {
    const { batches, error, end } = decoder.push(bytes)
    for (const batch of batches) yield batch
    if (error !== undefined) throw error
    if (end) return end
  }
  const { batches, error, end = 'eof' } = decoder.close()
  for (const batch of batches) yield batch
  if (error !== undefined) throw error
  return end
}
