import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const preload = resolve(import.meta.dir, '../../src/preload.ts')
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-author-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const pluginFile = (name: string, body: string): string => `
import { definePlugin, mapText, v } from 'sluice/plugin'
export default definePlugin({
  name: '${name}',
  options: v.strictObject({ mark: v.optional(v.string(), '!') }),
  setup({ mark }) {
    let kept
    return async function* plugin(call, next) { ${body} }
  },
})`

const testFile = (name: string): string => `
import { expect, test } from 'bun:test'
import { collect, GatewayError } from 'sluice/plugin'
import { contract, fails, fakeCall, fakeHost, mount, says, scripted } from 'sluice/testing'
import plugin from './${name}.ts'

contract(plugin, {})

test('it can be mounted around a scripted provider', async () => {
  const provider = scripted(fails('upstream_error'), says('Hello'))
  const handler = await mount(plugin, { mark: '?' }, provider, fakeHost())
  await collect(handler(fakeCall())).catch((error) => expect(error).toBeInstanceOf(GatewayError))
  await collect(handler(fakeCall({ stream: true })))
  expect(provider.calls.length).toBeGreaterThan(0)
})`

/** Runs an author's test in a folder that knows nothing of Sluice; the names of the tests that failed. */
const run = async (name: string, body: string): Promise<{ failed: string[]; output: string }> => {
  await Bun.write(join(folder, `${name}.ts`), pluginFile(name, body))
  await Bun.write(join(folder, `${name}.test.ts`), testFile(name))
  const child = Bun.spawn([process.execPath, 'test', '--preload', preload, `./${name}.test.ts`], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder, NO_COLOR: '1' },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ])
  await child.exited
  const output = stdout + stderr
  const failed = [...output.matchAll(/^\(fail\) (.*?)(?: \[[\d.]+m?s\])?$/gm)].map(
    ([, test]) => test!,
  )
  return { output, failed: [...new Set(failed)].map((test) => test.replace(/^.* > /, '')) }
}

const passesOn = 'yield* next(call)'

test('a plugin anywhere on the disk is proved by a test of ten lines', async () => {
  const { failed, output } = await run('good', passesOn)
  expect(output).toContain('6 pass')
  expect(failed).toEqual([])
})

const clauses: Record<string, string> = {
  'a streamed answer says the same as a whole one, however it is cut': `
    for await (const chunk of next(call)) {
      const choices = chunk.choices?.map((choice) => ({
        ...choice,
        delta: { ...choice.delta, content: choice.delta?.content?.replace('quick', 'slow') },
      }))
      yield { ...chunk, choices }
    }`,
  'who stops reading stops the provider': `
    const chunks = next(call)[Symbol.asyncIterator]()
    for (;;) {
      const { done, value } = await chunks.next()
      if (done) return
      yield value
    }`,
  'calls do not disturb each other': `
    kept ??= (async () => {
      const chunks = []
      for await (const chunk of next(call)) if (chunks.push(chunk) > 99) break
      return chunks
    })()
    yield* await kept`,
}

test.each(Object.entries(clauses))(
  'the contract catches what breaks “%s”',
  async (clause, body) => {
    const { failed } = await run(`bad-${Bun.hash(clause)}`, body)
    expect(failed).toContain(clause)
  },
)

const swallowed: Record<string, string> = {
  'an error before the first content comes out as it went in': `
    try { yield* next(call) } catch (error) { if (error.code !== 'payload_too_large') throw error }`,
  'an error after some content comes out after that content': `
    try { yield* next(call) } catch (error) { if (error.code !== 'upstream_disconnected') throw error }`,
}

test.each(Object.entries(swallowed))(
  'the contract catches what breaks “%s”',
  async (clause, body) => {
    const { failed } = await run(`bad-${Bun.hash(clause)}`, body)
    expect(failed).toContain(clause)
  },
)
