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
import { definePlugin, v } from 'sluice/plugin'
const seen = new WeakSet()
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

interface Outcome {
  readonly failed: readonly string[]
  readonly output: string
}

/** Runs an author's test in a folder that knows nothing of Sluice; the names of the tests that failed. */
const run = async (name: string, body: string): Promise<Outcome> => {
  await Bun.write(join(folder, `${name}.ts`), pluginFile(name, body))
  await Bun.write(join(folder, `${name}.test.ts`), testFile(name))
  return runFile(name)
}

const runFile = async (name: string): Promise<Outcome> => {
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
  expect(output).toContain('17 pass')
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
  'an error before the first content comes out as it went in': `
    try { yield* next(call) } catch (error) { if (error.code !== 'payload_too_large') throw error }`,
  'an error after some content comes out after that content': `
    try { yield* next(call) } catch (error) { if (error.code !== 'upstream_disconnected') throw error }`,
  'who stops reading stops the provider': `
    const chunks = next(call)[Symbol.asyncIterator]()
    for (;;) {
      const { done, value } = await chunks.next()
      if (done) return
      yield value
    }`,
  'a client that leaves ends the call, whatever was said': `
    try { yield* next(call) } catch (error) {
      if (error.code !== 'client_closed') throw error
      yield { choices: [{ index: 0, delta: { content: 'Good bye.' } }] }
    }`,
  'a second attempt of the same call says the same': `
    const first = !seen.has(call.vars)
    seen.add(call.vars)
    for await (const chunk of next(call)) if (first || !chunk.usage) yield chunk`,
  'calls do not disturb each other': `
    kept ??= (async () => {
      const chunks = []
      for await (const chunk of next(call)) if (chunks.push(chunk) > 99) break
      return chunks
    })()
    yield* await kept`,
  'an answer to embeddings comes out as it went in': `
    for await (const chunk of next(call)) yield { ...chunk, data: chunk.data?.slice(1) }`,
  'sound comes out as it went in': `
    for await (const chunk of next(call)) yield { ...chunk, data: [] }`,
}

test.each(Object.entries(clauses))(
  'the contract catches what breaks “%s”',
  async (clause, body) => {
    const { failed } = await run(`bad-${Bun.hash(clause)}`, body)
    expect(failed).toContain(clause)
  },
)

const changes: Record<string, string> = {
  'the request': `
    call.request.messages.push({ role: 'system', content: 'Be brief.' })
    yield* next(call)`,
  'a message': `
    call.request.messages[0].content = 'Hi!'
    yield* next(call)`,
  'a chunk': `
    for await (const chunk of next(call)) {
      chunk.model = 'mine'
      yield chunk
    }`,
  'a choice': `
    for await (const chunk of next(call)) {
      for (const choice of chunk.choices ?? []) choice.delta.content ??= ''
      yield chunk
    }`,
}

test.each(Object.entries(changes))('the contract catches who changes %s', async (what, body) => {
  const { failed } = await run(`changes-${Bun.hash(what)}`, body)
  expect(failed).toContain('a streamed answer says the same as a whole one, however it is cut')
})

test('the contract gives a plugin the work that it is told to', async () => {
  await Bun.write(
    join(folder, 'worked.test.ts'),
    `import { contract } from 'sluice/testing'
    import plugin from './good.ts'
    contract(plugin, {}, { request: { n: 3, messages: [] }, text: 'Hi.', host: { stands: () => true } })`,
  )
  const { failed, output } = await runFile('worked')
  expect(failed).toEqual([])
  expect(output).toContain('16 pass')
})
