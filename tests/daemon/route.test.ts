import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../support/command.ts'
import { startProvider, type Provider } from '../support/provider.ts'
import { startSluice, type Sluice } from '../support/sluice.ts'

const key = 'sk-test-laptop-0001'
const narrow = 'sk-test-narrow-0002'

let folder = ''
let provider: Provider
let sluice: Sluice
const config = () => ({
  server: { drain: '1s', discover: false },
  providers: {
    dear: {
      base_url: provider.url,
      api_key: 'sk-hush',
      models: {
        big: {
          context_length: 128_000,
          max_completion_tokens: 16_384,
          pricing: { prompt: 2.5, completion: 10 },
        },
      },
    },
    cheap: {
      base_url: provider.url,
      api_key: 'sk-hush',
      models: { big: { context_length: 32_000, pricing: { prompt: 0.5, completion: 1 } } },
    },
    local: { base_url: provider.url, models: { small: { pricing: { prompt: 0, completion: 0 } } } },
    odd: { base_url: 'https://odd.example/v1', api_key: 'sk-hush', models: ['big'] },
  },
  routes: {
    big: { endpoints: ['dear/big', 'cheap/big', 'odd/big'], offline: 'local/small' },
    alias: 'big',
  },
  presets: { calm: { model: 'cheap/big', temperature: 0 } },
  plugins: [
    { auth: { keys: { laptop: { key }, narrow: { key: narrow, models: ['local/*'] } } } },
    'fallback',
  ],
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-route-'))
  provider = await startProvider()
  const yaml = JSON.stringify(config())
  await Bun.write(join(folder, 'config.yaml'), yaml)
  sluice = await startSluice({ config: yaml })
})
afterAll(async () => {
  await sluice.stop()
  await provider.stop()
  await rm(folder, { recursive: true, force: true })
})

const run = async (args: readonly string[], input = '') => {
  const env = { PATH: process.env.PATH ?? '', HOME: folder }
  return runCommand(['route', ...args], { cwd: folder, env, input })
}

const here = ['-c', 'config.yaml']
const body = (fields: object) => JSON.stringify(fields)

describe('sluice route', () => {
  test('prints the endpoints in their order, with what is known of them', async () => {
    const { stdout, stderr, code } = await run(['big', ...here])
    expect([code, stderr]).toEqual([0, ''])
    const lines = stdout.split('\n')
    expect(lines[0]).toBe('big  (direct)')
    expect(lines[2]).toMatch(
      /^ +endpoint +model +price a million +this call +context +answer +measured +notes$/,
    )
    expect(lines[3]).toMatch(
      /^ {2}1 +dear\/big +big +\$2\.5 \/ \$10 +\$0\.00\d+ +128000 +16384 +-$/,
    )
    expect(lines[4]).toMatch(/^ {2}2 +cheap\/big +big +\$0\.5 \/ \$1 +\$0\.000\d+ +32000 +- +-$/)
    expect(lines[5]).toMatch(/^ {2}3 +odd\/big +big +unpriced +- +- +- +-$/)
    expect(stdout).toContain('offline: local/small')
    expect(stdout).toContain('the next is asked when one fails')
    expect(stdout).toContain('Nothing is measured yet in a process of its own')
    expect(stdout).not.toContain('sk-hush')
    expect(provider.requests).toBeEmpty()
  })

  test('prints which filter took which endpoint', async () => {
    const asked = body({ model: 'big', provider: { max_price: { prompt: 1 } } })
    const { stdout, code } = await run([...here, '--body', '-'], asked)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ {2}1 +cheap\/big/m)
    expect(stdout).toMatch(
      /^excluded\n {2}dear\/big +max_price +provider\.max_price\.prompt is 1, and it costs \$2\.5 a million tokens\n {2}odd\/big +max_price +provider\.max_price\.prompt is 1, and its price is not known\n/m,
    )
  })

  test('takes the request from a file, and the model from the command line', async () => {
    await Bun.write(
      join(folder, 'request.json'),
      body({ model: 'big', provider: { only: ['cheap'] } }),
    )
    const { stdout } = await run(['alias', ...here, '-b', 'request.json'])
    expect(stdout).toStartWith('alias  (')
    expect(stdout).toMatch(/^ {2}1 +cheap\/big/m)
    expect(stdout).not.toMatch(/^ {2}2 /m)
  })

  test('lays presets under the request, and says what is wrong with it, as the daemon does', async () => {
    expect((await run(['@preset/calm', ...here])).stdout).toMatch(/^ {2}1 +cheap\/big/m)
    const { stderr, code } = await run(['@preset/none', ...here])
    expect([code, stderr.includes('"none"')]).toEqual([1, true])
    const wrong = await run(['big', ...here, '-b', '-'], body({ provider: { sort: 'speed' } }))
    expect([wrong.code, wrong.stderr.includes('provider.sort')]).toEqual([1, true])
  })

  test('says that nobody is left, and which filter did it', async () => {
    const asked = body({ provider: { only: ['groq'] } })
    const { stdout, stderr, code } = await run(['big', ...here, '--body', '-'], asked)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      'No endpoint of big is left: dear/big, cheap/big and odd/big are out because provider.only is [groq].\n',
    )
  })

  test('prints the decision as JSON, without secrets', async () => {
    const asked = body({ provider: { max_price: { prompt: 1 } } })
    const { stdout } = await run(['big', ...here, '--json', '--body', '-'], asked)
    const decision = JSON.parse(stdout)
    expect(decision).toMatchObject({
      requested: ['big'],
      strategy: 'direct',
      fallbacks: true,
      candidates: [
        { endpoint: 'cheap/big', model: 'big', route: 'big', pricing: { prompt: 0.5 }, notes: [] },
      ],
      offline: { endpoint: 'local/small' },
      excluded: [
        { endpoint: 'dear/big', by: 'max_price' },
        { endpoint: 'odd/big', by: 'max_price' },
      ],
    })
    expect(stdout).not.toContain('***')
    expect(stdout).not.toContain('sk-hush')
  })

  test.each<[string, string[], string, number, string]>([
    ['an unknown model', ['nonsense', ...here], '', 1, 'No route and no provider for this model'],
    ['no model', here, '', 64, 'name a model'],
    [
      'a body that is none',
      ['big', ...here, '-b', '-'],
      'no json',
      66,
      'standard input is no JSON',
    ],
    ['a file that is not there', ['big', ...here, '-b', 'none.json'], '', 66, 'cannot be read'],
    ['a config that is not there', ['big', '-c', 'none.yaml'], '', 78, 'does not exist'],
    ['nobody who listens', ['big', '--url', 'http://127.0.0.1:9'], '', 1, 'nobody answers at'],
  ])('says what is wrong: %s', async (_, args, input, exit, words) => {
    const { stdout, stderr, code } = await run(args, input)
    expect([code, stdout]).toEqual([exit, ''])
    expect(stderr).toContain(words)
    expect(stderr).not.toContain('    at ')
  })

  test('asks a running daemon', async () => {
    const { stdout, code } = await run(['big', '--url', sluice.url, '--key', key])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ {2}1 +dear\/big/m)
    expect(stdout).not.toContain('Nothing is measured yet')
    const { stderr, code: refused } = await run(['big', '--url', sluice.url])
    expect(refused).toBe(1)
    expect(stderr).toContain('API key')
  })
})

const decided = (question: object, as = key) =>
  fetch(`${sluice.url}/api/route`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${as}` },
    body: body(question),
  })

describe('POST /api/route', () => {
  test('answers with the decision', async () => {
    const decision: any = await (await decided({ model: 'big' })).json()
    expect(decision.candidates.map(({ endpoint }: any) => endpoint)).toEqual([
      'dear/big',
      'cheap/big',
      'odd/big',
    ])
    expect(JSON.stringify(decision)).not.toContain('***')
    expect(provider.requests).toBeEmpty()
  })

  test('decides as for the caller, and for nobody without a key', async () => {
    expect((await decided({ model: 'big' }, 'wrong')).status).toBe(401)
    expect((await decided({ model: 'big' }, narrow)).status).toBe(403)
    expect((await decided({ model: 'local/small' }, narrow)).status).toBe(200)
  })

  test('refuses as the request itself would be refused', async () => {
    const response = await decided({ model: 'big', provider: { only: ['groq'] } })
    expect(response.status).toBe(404)
    const { error }: any = await response.json()
    expect(error.message).toContain('provider.only is [groq]')
    expect(error.availability).toMatchObject({
      code: 'constraint_filtered',
      excluded_by: ['allowed_providers'],
      constraint: { field: 'provider.only' },
    })
  })
})
