import { describe, expect, test } from 'bun:test'
import type * as v from 'valibot'
import type { Chunk } from '../chat.ts'
import { collect } from '../fold.ts'
import type { PluginDefinition } from '../definition.ts'
import { fails, fakeCall, mount, says, scripted } from './fakes.ts'

const text = 'The quick brown fox jumps over the lazy dog, says 🦊.'

const said = (chunk: Chunk | undefined): unknown =>
  chunk?.choices?.map(({ delta }) => delta?.content)

/** What every plugin must hold whatever it does; `options` are such that an ordinary call passes. */
export const contract = <Options extends v.GenericSchema, AskedOptions extends v.GenericSchema>(
  plugin: PluginDefinition<Options, AskedOptions>,
  options: v.InferInput<Options>,
): void =>
  describe(`the plugin ${plugin.name} keeps the contract`, () => {
    test('a streamed answer says the same as a whole one, however it is cut', async () => {
      const whole = await collect((await mount(plugin, options, says(text)))(fakeCall()))
      for (const piece of [1, 2, 3, 7, text.length]) {
        const handler = await mount(plugin, options, says(text, piece))
        expect(said(await collect(handler(fakeCall({ stream: true }))))).toEqual(said(whole))
      }
    })

    test('an error before the first content comes out as it went in', async () => {
      const handler = await mount(plugin, options, fails('payload_too_large'))
      await expect(collect(handler(fakeCall({ stream: true })))).rejects.toThrow(
        'The body is too large.',
      )
    })

    test('an error after some content comes out after that content', async () => {
      const handler = await mount(plugin, options, fails('upstream_disconnected', text))
      const chunks: Chunk[] = []
      const reading = (async () => {
        for await (const chunk of handler(fakeCall({ stream: true }))) chunks.push(chunk)
      })()
      await expect(reading).rejects.toThrow('broke off')
      await reading.catch(() => undefined)
      expect(chunks.length).toBeGreaterThan(0)
    })

    test('who stops reading stops the provider', async () => {
      let stopped = false
      const handler = await mount(plugin, options, async function* endless(call) {
        try {
          for (;;) yield* says(text)(call)
        } finally {
          stopped = true
        }
      })
      for await (const chunk of handler(fakeCall({ stream: true }))) if (chunk.choices) break
      expect(stopped).toBe(true)
    })

    test('calls do not disturb each other', async () => {
      const handler = await mount(plugin, options, scripted(says('one'), says('two')))
      const answers = await Promise.all([
        collect(handler(fakeCall({ stream: true }))),
        collect(handler(fakeCall({ stream: true }))),
      ])
      expect(new Set(answers.map((answer) => JSON.stringify(said(answer)))).size).toBe(2)
    })
  })
