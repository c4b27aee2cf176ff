import { afterEach, expect, test } from 'bun:test'
import { probeLocalRuntimes, providersFromEnv } from '../src/providers/discover.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const listen = (fetch: (request: Request) => Response | Promise<Response>): number => {
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch })
  stops.push(() => server.stop(true))
  return server.port ?? 0
}

const closed = (): number => {
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  server.stop(true)
  return server.port ?? 0
}

/** Nothing but what a test serves is asked. */
const ports = (served: Record<string, number>) => {
  const nobody = closed()
  return {
    ollama: nobody,
    lmstudio: nobody,
    llamacpp: nobody,
    vllm: nobody,
    jan: nobody,
    ...served,
  }
}

const list = (...ids: string[]) => ({
  object: 'list',
  data: ids.map((id) => ({ id, object: 'model', owned_by: 'library' })),
})

test('what answers with a list of models is a provider with these models', async () => {
  const asked: string[] = []
  const ollama = listen((request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`)
    return Response.json(list('llama3.2:latest', 'hf.co/x/y'))
  })
  const vllm = listen(() => Response.json({ ...list('qwen'), more: true }))
  const found = await probeLocalRuntimes({ ports: ports({ ollama, vllm }) })
  expect(found.map(({ name, models }) => [name, models])).toEqual([
    ['ollama', ['llama3.2:latest', 'hf.co/x/y']],
    ['vllm', ['qwen']],
  ])
  expect(found[0]).toMatchObject({
    base_url: `http://127.0.0.1:${ollama}/v1`,
    auth: 'none',
    local: true,
    preset: 'ollama',
  })
  expect(asked).toEqual(['GET /v1/models'])
})

test('a runtime without models is a runtime', async () => {
  const ollama = listen(() => Response.json({ object: 'list', data: null }))
  const jan = listen(() => Response.json({ object: 'list', data: [] }))
  const found = await probeLocalRuntimes({ ports: ports({ ollama, jan }) })
  expect(found.map(({ name, models }) => [name, models])).toEqual([
    ['ollama', []],
    ['jan', []],
  ])
})

test('we do not find ourselves, neither by our header nor by our port', async () => {
  let asked = 0
  const port = listen(() => {
    asked++
    return Response.json(list('demo'), { headers: { 'x-sluice-version': '0.1.0' } })
  })
  expect(await probeLocalRuntimes({ ports: ports({ llamacpp: port }) })).toEqual([])
  expect(asked).toBe(1)
  expect(await probeLocalRuntimes({ ports: ports({ llamacpp: port }), skipPort: port })).toEqual([])
  expect(asked).toBe(1)
})

test.each([
  ['nothing', () => new Response()],
  ['a page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  ['an error', () => Response.json(list('x'), { status: 500 })],
  ['a demand for a key', () => Response.json(list('x'), { status: 401 })],
  ['other JSON', () => Response.json({ data: [{ id: 'x' }] })],
  ['a list of other things', () => Response.json({ object: 'list', data: [1, 2] })],
  ['ids that cannot be printed', () => Response.json(list('a\nb'))],
  ['null', () => Response.json(null)],
  ['half a list', () => new Response('{"object":"list","data":[{"id":')],
  ['a list that is too long', () => Response.json(list('x'.repeat(2 * 1024 * 1024)))],
  ['a redirect', () => Response.redirect('http://127.0.0.1:1/v1/models')],
])('%s is no runtime', async (_, answer) => {
  expect(await probeLocalRuntimes({ ports: ports({ ollama: listen(answer) }) })).toEqual([])
})

test('a redirect is not followed', async () => {
  let followed = false
  const target = listen(() => {
    followed = true
    return Response.json(list('x'))
  })
  const vllm = listen(() => Response.redirect(`http://127.0.0.1:${target}/v1/models`))
  expect(await probeLocalRuntimes({ ports: ports({ vllm }) })).toEqual([])
  expect(followed).toBe(false)
})

test('whoever never answers, or never ends, is given up', async () => {
  const silent = listen(() => new Promise(() => {}))
  const endless = listen(
    () =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            controller.enqueue(new TextEncoder().encode(' '))
            await Bun.sleep(5)
          },
        }),
      ),
  )
  const lmstudio = listen(() => Response.json(list('x')))
  const found = await probeLocalRuntimes({
    ports: ports({ ollama: silent, vllm: endless, lmstudio }),
    timeout: 200,
  })
  expect(found.map(({ name }) => name)).toEqual(['lmstudio'])
})

test('a fetch that throws is nobody at home', async () => {
  const broken = Object.assign(
    () => {
      throw new Error('no network')
    },
    { preconnect: () => {} },
  )
  expect(await probeLocalRuntimes({ fetch: broken })).toEqual([])
})

test('a proxy of the environment is not asked about loopback', async () => {
  const ollama = listen(() => Response.json(list('x')))
  const script = `
    import { probeLocalRuntimes } from '${import.meta.dir}/../src/providers/discover.ts'
    const found = await probeLocalRuntimes({ ports: ${JSON.stringify(ports({ ollama }))} })
    console.log(found.length)`
  const child = Bun.spawn([process.execPath, '-e', script], {
    env: { ...process.env, HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9' },
    stdout: 'pipe',
  })
  expect((await child.stdout.text()).trim()).toBe('1')
})

const names = (env: Record<string, string>, which?: 'all') =>
  providersFromEnv(env, which).map(({ name }) => name)

test('each well-known variable brings its provider', () => {
  expect(
    names({
      OPENAI_API_KEY: 'k',
      ANTHROPIC_API_KEY: 'k',
      GEMINI_API_KEY: 'k',
      OPENROUTER_API_KEY: 'k',
      GROQ_API_KEY: 'k',
      MISTRAL_API_KEY: 'k',
      DEEPSEEK_API_KEY: 'k',
      XAI_API_KEY: 'k',
      TOGETHER_API_KEY: 'k',
    }),
  ).toEqual([
    'openai',
    'anthropic',
    'gemini',
    'groq',
    'mistral',
    'deepseek',
    'xai',
    'together',
    'openrouter',
  ])
})

test('empty variables, half an address and unusable keys bring nothing', () => {
  expect(names({})).toEqual([])
  expect(names({ OPENAI_API_KEY: ' ', GROQ_API_KEY: '' })).toEqual([])
  expect(names({ AZURE_API_KEY: 'k' })).toEqual([])
  expect(names({ AZURE_API_KEY: 'k', AZURE_RESOURCE_NAME: 'mine' })).toEqual(['azure'])
  expect(names({ OPENAI_API_KEY: 'two words' })).toEqual([])
})

test('a variable with other purposes brings its provider only when asked for', () => {
  expect(names({ GITHUB_TOKEN: 'k', MOONSHOT_API_KEY: 'k' })).toEqual(['moonshot'])
  expect(names({ GITHUB_TOKEN: 'k', MOONSHOT_API_KEY: 'k' }, 'all')).toEqual([
    'moonshot',
    'moonshot-cn',
    'github-models',
  ])
})
