import { describe, expect, test } from 'bun:test'
import type * as v from 'valibot'
import {
  inference,
  type Call,
  type Chunk,
  type Handler,
  type Operation,
  type Request,
} from '../chat.ts'
import { pause } from '../pause.ts'
import type { PluginDefinition } from '../plugins/definition.ts'
import { toGatewayError } from '../errors.ts'
import { collect } from '../fold.ts'
import type { Host } from '../plugins/host.ts'
import { answer, answerWith, batchesOf, bytesIn } from '../stream.ts'
import { timings } from '../told.ts'
import { fails, fakeCall, mount, says, scripted, type Turn } from './fakes.ts'
import { saidIn, saysAll } from './message.ts'
import { frozen, observed } from './observed.ts'
import { asked, sound } from './operations.ts'

/** With what a plugin is tried, where an ordinary call gives it nothing to do. */
export interface Work {
  /** Laid over every chat request. */
  readonly request?: Partial<Request>
  /** What the provider says. */
  readonly text?: string
  readonly host?: Partial<Host>
}

const pieces = [1, 2, 3, 7, 1_000]

/** What came of an answer, and how it ended. */
const read = async (chunks: AsyncIterable<Chunk>) => {
  const seen: Chunk[] = []
  try {
    for await (const chunk of chunks) seen.push(chunk)
    return { seen, error: undefined }
  } catch (thrown) {
    return { seen, error: toGatewayError(thrown) }
  }
}

const spokenIn = (chunk: Chunk): string => chunk.choices?.[0]?.delta?.content ?? ''

/** As `fallback` does: what fails is asked for once more. */
const again = (handler: Handler): Handler =>
  async function* twice(call) {
    try {
      await collect(handler(call))
    } catch {
      // the first attempt may fail
    }
    yield* handler(call)
  }

/** What every plugin must hold whatever it does; `options` are such that an ordinary call passes. */
export const contract = <Options extends v.GenericSchema, AskedOptions extends v.GenericSchema>(
  plugin: PluginDefinition<Options, AskedOptions>,
  options: v.InferInput<Options>,
  {
    request = {},
    text = 'The quick brown fox jumps over the lazy dog, says 🦊.',
    host = {},
  }: Work = {},
): void =>
  describe(`the plugin ${plugin.name} keeps the contract`, () => {
    const isOrdinary = Object.keys(request).length === 0
    const around = (provider: Handler) => mount(plugin, options, provider, host)
    const chat = (stream: boolean, call: Partial<Call> = {}): Call => {
      const { request: plain, ...rest } = fakeCall({ stream, ...request }, call)
      // nobody may change what a client has sent
      return { ...rest, request: frozen(plain) }
    }
    const saidBy = async (provider: Turn, call: Call) =>
      saidIn(await collect((await around(observed(provider).handler))(call)))

    test('a streamed answer says the same as a whole one, however it is cut', async () => {
      const turns: readonly ((text: string, piece?: number, together?: number) => Turn)[] = [
        says,
        saysAll,
      ]
      for (const turn of turns) {
        const whole = await saidBy(turn(text), chat(false))
        for (const [at, piece] of pieces.entries())
          expect(await saidBy(turn(text, piece, at + 1), chat(true))).toEqual(whole)
      }
    })

    test('it says the same when its time is taken', async () => {
      const call = chat(true)
      call.vars.set(timings, [])
      expect(await saidBy(saysAll(text), call)).toEqual(await saidBy(saysAll(text), chat(true)))
    })

    test('an error before the first content comes out as it went in', async () => {
      for (const stream of [true, false]) {
        const handler = await around(observed(fails('payload_too_large')).handler)
        await expect(collect(handler(chat(stream)))).rejects.toThrow('The body is too large.')
      }
    })

    test('an error after some content comes out after that content', async () => {
      const whole = spokenIn((await collect((await around(says(text)))(chat(false)))) ?? {})
      const handler = await around(observed(fails('upstream_disconnected', text)).handler)
      const { seen, error } = await read(handler(chat(true)))
      expect(error?.message).toContain('broke off')
      if (isOrdinary) expect(seen.length).toBeGreaterThan(0)
      expect(whole).toStartWith(seen.map(spokenIn).join(''))
    })

    test('who stops reading stops the provider', async () => {
      for (let count = 0, more = true; more; count++) {
        const provider = observed(says(text, 6))
        const chunks = (await around(provider.handler))(chat(true))[Symbol.asyncIterator]()
        for (let taken = 0; taken < count && more; taken++)
          more = (await chunks.next()).done !== true
        await chunks.return?.()
        for (let turns = 0; turns < 20 && provider.open() > 0; turns++) await pause()
        expect(provider.open()).toBe(0)
      }
    })

    test('a client that leaves ends the call, whatever was said', async () => {
      for (const stream of [true, false])
        for (const count of stream ? [0, 1, 4] : [0]) {
          const controller = new AbortController()
          const provider = observed(says(text), count, () => setImmediate(() => controller.abort()))
          const handler = await around(provider.handler)
          const { error } = await read(handler(chat(stream, { signal: controller.signal })))
          expect(error?.code).toBe('client_closed')
          expect(provider.open()).toBe(0)
        }
    })

    test('a second attempt of the same call says the same', async () => {
      for (const stream of [true, false]) {
        const said = (whole: Chunk | undefined) => saidIn({ ...whole, usage: null })
        const plain = said(await collect((await around(saysAll(text)))(chat(stream))))
        for (const first of [saysAll(text), fails('upstream_error'), fails('upstream_error', '')]) {
          const handler = again(await around(scripted(first, saysAll(text))))
          expect(said(await collect(handler(chat(stream))))).toEqual(plain)
        }
      }
    })

    test('calls do not disturb each other', async () => {
      const handler = await around(scripted(says('one'), says('two')))
      const other = { messages: [{ role: 'user', content: 'Good day!' }] }
      const answers = await Promise.all([
        collect(handler(fakeCall({ stream: true }))),
        collect(handler(fakeCall({ stream: true, ...other }))),
      ])
      expect(new Set(answers.map((one) => spokenIn(one ?? {}))).size).toBe(2)
    })

    const own = plugin.operations ?? inference
    for (const [name, { request: wanted, answer: given }] of Object.entries(asked)) {
      const operation = name as Operation
      const ask = (): Call => ({ ...fakeCall({}, { operation }), request: frozen(wanted) })
      if (own.includes(operation))
        test(`an answer to ${operation} comes out as it went in`, async () => {
          const provider = observed(() => answerWith(given))
          expect(await collect((await around(provider.handler))(ask()))).toEqual(given)
          expect(provider.open()).toBe(0)
        })
    }

    if (own.includes('speech'))
      test('sound comes out as it went in', async () => {
        const handler = await around(() => answer(sound.batches()))
        const batches = batchesOf(handler({ ...fakeCall({}, { operation: 'speech' }), ...sound }))
        const heard: Uint8Array[] = []
        for (;;) {
          const { done, value } = await batches.next()
          if (done) break
          heard.push(bytesIn(value))
        }
        expect(Buffer.concat(heard).toString()).toBe(sound.text)
      })
  })
