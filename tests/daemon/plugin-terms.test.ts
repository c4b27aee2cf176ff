import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { asks, explanationIn, surfaces, type SurfaceName } from '../support/explanations.ts'
import { startProvider, type Provider } from '../support/provider.ts'
import { startSluice, type Sluice } from '../support/sluice.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(30_000)

/** Ends every answer with its mark, or with the one that a request asks for. */
const mark = (name: string) => `
import { definePlugin, mapText, v } from 'sluice/plugin'
export default definePlugin({
  name: '${name}',
  options: v.strictObject({}),
  asked: v.strictObject({ mark: v.exactOptional(v.string()), more: v.exactOptional(v.string()) }),
  order: [{ outside: 'auth', why: 'this is a test' }],
  setup: (_, host) => async function* marked(call, next) {
    const { options, call: rest } = host.asked(call)
    const said = '<' + (options?.mark ?? '${name}') + (options?.more ?? '') + '>'
    yield* mapText(next(rest), ({ field }) => ({
      push: (text) => text,
      end: () => (field === 'content' || field === 'text' ? said : ''),
    }))
  },
})`

let provider: Provider
let sluice: Sluice
beforeAll(async () => {
  provider = await startProvider({ name: 'box' })
  sluice = await startSluice({
    config: `
server: { log: json, discover: false }
providers: { box: { base_url: "${provider.url}" } }
routes: { alias: [box/aliased] }
plugins:
  - auth:
      keys:
        may: { key: k-may, plugins: ["o*"] }
        all: { key: k-all, plugins: ["*"], tags: { team: search } }
        none: { key: k-none }
  - ./on.ts: { overrides: [mark] }
  - ./off.ts: { enabled: false }
  - ./fixed.ts: { overrides: false, for: { models: [box/fixed] } }
  - ./team.ts: { for: { tags: { team: search } } }
  - fallback
`,
    files: Object.fromEntries(
      ['on', 'off', 'fixed', 'team'].map((name) => [`${name}.ts`, mark(name)]),
    ),
  })
})
afterAll(async () => {
  await sluice.stop()
  await provider.stop()
})

interface Said {
  readonly surface?: SurfaceName
  readonly key?: string
  readonly model?: string
  readonly plugins?: readonly object[]
  readonly switched?: string
}

const ask = async (
  { surface = 'chat', key = 'k-none', model = 'box/m', plugins, switched }: Said,
  stream = false,
) => {
  const response = await asks(sluice.url, surface, {
    model,
    stream,
    headers: {
      authorization: `Bearer ${key}`,
      ...(switched !== undefined && { 'x-sluice-plugins': switched }),
    },
    ...(plugins && { more: { plugins } }),
  })
  const body = await response.text()
  const { status, headers } = response
  return { status, body, warnings: headers.get('x-sluice-warnings') }
}

/** The marks of the plugins that the answer went through, innermost first. */
const marks = async (said: Said): Promise<string> => {
  const answers = [await ask(said), await ask(said, true)]
  const [whole, streamed] = answers.map(({ body }) =>
    [...body.matchAll(/(?:<|\\u003c)([^<>\\]+)(?:>|\\u003e)/g)].map(([, name]) => name).join(),
  )
  for (const { status } of answers) expect(status).toBe(200)
  // events of two formats repeat the text when it is complete
  if (said.surface === undefined) expect(streamed).toBe(whole)
  return whole!
}

describe('a plugin sees', () => {
  test('the calls of its models, of its keys’ tags, and none when it is off', async () => {
    expect(await marks({})).toBe('on')
    expect(await marks({ key: 'k-all' })).toBe('team,on')
    expect(await marks({ model: 'box/fixed' })).toBe('fixed,on')
  })

  test('what a request asks for, as far as the YAML lets it', async () => {
    expect(await marks({ plugins: [{ id: 'off' }] })).toBe('off,on')
    expect(await marks({ plugins: [{ id: 'on', enabled: false }] })).toBe('')
    expect(await marks({ plugins: [{ id: 'on', mark: 'mine' }] })).toBe('mine')
    expect(await marks({ plugins: [{ id: 'on', mark: 'mine', more: '!' }] })).toBe('mine')
    const { warnings } = await ask({ plugins: [{ id: 'on', mark: 'mine', more: '!' }] })
    expect(warnings).toBe('on: some of its options cannot be set by a request here')
    const fixed = { model: 'box/fixed', plugins: [{ id: 'fixed', enabled: false, mark: 'mine' }] }
    expect(await marks(fixed)).toBe('fixed,on')
    expect((await ask(fixed)).warnings).toBeNull()
    expect(provider.requests.at(-1)!.body).not.toContain('plugins')
  })

  test('no options that it does not know, told by their place', async () => {
    const { status, body } = await ask({ plugins: [{ id: 'x' }, { id: 'on', mark: 5 }] })
    expect(status).toBe(400)
    expect(JSON.parse(body).error).toMatchObject({ param: 'plugins[1].mark' })
  })
})

describe('X-Sluice-Plugins', () => {
  for (const surface of surfaces)
    test(`switches plugins for one request, in the ${surface} format`, async () => {
      const by = { surface, key: 'k-may' }
      expect(await marks({ ...by, switched: '+off' })).toBe('off,on')
      expect(await marks({ ...by, switched: '-on' })).toBe('')
      expect(await marks({ ...by, switched: '-on, +off' })).toBe('off')
    })

  test('wins over what the request’s body says, and over no "for"', async () => {
    const key = 'k-all'
    expect(await marks({ key, switched: '-off', plugins: [{ id: 'off' }] })).toBe('team,on')
    expect(await marks({ key, switched: '+on', plugins: [{ id: 'on', enabled: false }] })).toBe(
      'team,on',
    )
    expect(await marks({ key, switched: '+fixed' })).toBe('team,on')
  })

  const refusals: readonly (readonly [
    switched: string,
    key: string,
    status: number,
    words: string,
  ])[] = [
    ['-on', 'k-none', 403, 'This key may not switch that plugin.'],
    ['-team', 'k-may', 403, 'This key may not switch that plugin.'],
    ['-nonsense', 'k-may', 403, 'This key may not switch that plugin.'],
    ['-auth', 'k-all', 403, 'auth cannot be switched.'],
    ['-nonsense', 'k-all', 400, 'no plugin nonsense is configured here.'],
    ['on', 'k-all', 400, 'expected names after + or -'],
  ]
  for (const surface of surfaces)
    test(`is refused in the words of the ${surface} format to who may not`, async () => {
      for (const [switched, key, status, words] of refusals)
        for (const stream of [true, false]) {
          const before = provider.requests.length
          const refused = await ask({ surface, key, switched }, stream)
          expect([refused.status, provider.requests.length]).toEqual([status, before])
          const { error, type } = JSON.parse(refused.body)
          expect(typeof error === 'string' ? error : error.message).toContain(words)
          if (surface === 'messages') {
            expect(type).toBe('error')
            expect(error.type).toBe(status === 403 ? 'permission_error' : 'invalid_request_error')
          }
          if (surface === 'gemini')
            expect(error.status).toBe(status === 403 ? 'PERMISSION_DENIED' : 'INVALID_ARGUMENT')
          if (surface === 'chat' && status === 403) expect(error.code).toBe('plugin_not_allowed')
        }
    })
})

describe('how long each plugin took is told to who asks why', () => {
  for (const surface of surfaces)
    test(`in the ${surface} format, outermost first`, async () => {
      for (const stream of [true, false]) {
        const headers = { authorization: 'Bearer k-all', 'x-sluice-trace': '1' }
        const response = await asks(sluice.url, surface, { model: 'box/m', stream, headers })
        const { plugins } = explanationIn(await response.text())
        expect(plugins.map(({ plugin }: any) => plugin)).toEqual(['auth', 'on', 'team', 'fallback'])
        for (const { ms, pieces } of plugins) {
          expect(ms).toBeGreaterThanOrEqual(0)
          expect(pieces).toBeGreaterThanOrEqual(0)
        }
        expect(plugins[1].pieces).toBeGreaterThan(0)
      }
    })
})

test('an order that makes no sense is warned of when the daemon starts', async () => {
  await until('it is logged', () =>
    sluice
      .log()
      .some(
        ({ level, message }) =>
          level === 'warning' &&
          message.includes('config.yaml:11:5 plugins[1]["./on.ts"]: on should stand before auth'),
      ),
  )
})
