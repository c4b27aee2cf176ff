import { join } from 'node:path'
import type { Call, Chunk, Operation, Request } from '../../src/chat.ts'
import { parseConfig } from '../../src/config.ts'
import { collect } from '../../src/fold.ts'
import { buildGateway } from '../../src/gateway.ts'
import { Vars } from '../../src/pipeline.ts'
import { createShared } from '../../src/shared.ts'

/** Where the provider packages of the AI SDK are installed. */
export const root = join(import.meta.dir, '..', '..')

export interface Asked {
  readonly chunks: readonly Chunk[]
  /** The chunks folded into one. */
  readonly whole: Chunk
  readonly call: Call
}

export interface SdkOptions {
  readonly directory?: string
  readonly signal?: AbortSignal
  readonly operation?: Operation
}

/** A gateway with one provider `p` of the dialect `ai-sdk`, asked as a surface would. */
export const sdkGateway = async (
  provider: Readonly<Record<string, unknown>>,
  { directory = root }: SdkOptions = {},
) => {
  const config = parseConfig(
    JSON.stringify({ providers: { p: { dialect: 'ai-sdk', ...provider } } }),
    { file: 'config.yaml', directory, env: {} },
  )
  const gateway = await buildGateway(config, [], createShared())
  const toCall = (request: Partial<Request>, options: SdkOptions = {}): Call => ({
    id: 'gen-1',
    operation: options.operation ?? 'chat',
    request: { model: 'p/m', messages: [{ role: 'user', content: 'Say hello.' }], ...request },
    headers: new Headers(),
    address: () => '127.0.0.1',
    signal: options.signal ?? new AbortController().signal,
    vars: new Vars(),
  })
  return {
    toCall,
    handle: gateway.handle,
    /** Everything that comes, or the failure. */
    async ask(request: Partial<Request> = {}, options?: SdkOptions): Promise<Asked> {
      const call = toCall(request, options)
      const chunks = await Array.fromAsync(gateway.handle(call))
      const whole = await collect(
        (async function* again() {
          yield* chunks
        })(),
      )
      return { chunks, whole: whole ?? {}, call }
    },
  }
}
