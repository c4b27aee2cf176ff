import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { calls, contract, fakeCall, mount, says, scripted } from '../../src/testing.ts'
import { askService } from '../../src/outside/ask-service.ts'
import { readPage } from '../../src/outside/page.ts'
import {
  collect,
  notices,
  stages,
  withTools,
  type Chunk,
  type Host,
  type Request,
} from 'sluice/plugin'
import online from '../../plugins/online.ts'
import { startSearxng, usualResults, type Searxng } from '../support/searxng.ts'

let searxng: Searxng
beforeAll(() => {
  searxng = startSearxng()
})
afterAll(() => searxng.stop())
beforeEach(() => {
  searxng.results = usualResults
  searxng.pages = {}
  searxng.instead = undefined
  searxng.queries.length = 0
  searxng.read.length = 0
})

const host: Partial<Host> = {
  service: askService,
  page: (url, call, limits) => readPage(url, limits, call.signal),
}

const yaml = (more: object = {}) => ({
  engines: { searxng: { base_url: searxng.url } },
  ...more,
})

const web = { plugins: [{ id: 'web' }] }
const question = (content: unknown, more: object = {}): Partial<Request> =>
  ({ messages: [{ role: 'user', content }], ...web, ...more }) as Partial<Request>

/** What the model was sent, as one text. */
const sent = (request: Request | undefined): string => JSON.stringify(request?.messages)

const annotationsOf = (chunk: Chunk | undefined): any[] =>
  (chunk?.choices?.[0]?.delta?.annotations as any[] | undefined) ?? []

const answer = 'Bun 2.0 is out [bun.sh](https://bun.sh/blog/bun-v2), says https://example.com/news.'

contract(online, {})

describe('a call that asks for the web', () => {
  test('is searched for once, and the model reads what was found at the end of the last message', async () => {
    const provider = scripted(says(answer))
    const handler = await mount(online, yaml(), provider, host)
    const call = fakeCall({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Hi!' },
        { role: 'user', content: 'Which version of Bun is out?' },
      ],
      ...web,
    })
    await collect(handler(call))
    expect(searxng.queries).toEqual(['Which version of Bun is out?'])
    const { request } = provider.calls[0]!
    expect(request.plugins).toBeUndefined()
    expect(request.messages?.slice(0, 3)).toEqual(call.request.messages!.slice(0, 3) as any)
    const last = String(request.messages?.[3]?.content)
    expect(last).toStartWith('Which version of Bun is out?\n\nA web search was conducted on `')
    expect(last).toContain('Cite them using markdown links')
    expect(last).toContain('URL: https://bun.sh/blog/bun-v2')
    expect(last).toContain('Bun 2.0 was released today.')
    expect(call.vars.get(stages)).toEqual([
      {
        type: 'plugin',
        name: 'web',
        summary: 'searched the web with searxng',
        data: { engine: 'searxng', results: 2 },
      },
    ])
  })

  test('cites with the places in its text, streamed and whole alike', async () => {
    for (const stream of [true, false])
      for (const piece of [1, 3, 200]) {
        const handler = await mount(online, yaml(), says(answer, piece), host)
        const whole = await collect(handler(fakeCall(question('What is new?', { stream }))))
        const cited = annotationsOf(whole)
        expect(cited.map(({ type }) => type)).toEqual(['url_citation', 'url_citation'])
        const spans = cited.map(({ url_citation: { start_index, end_index } }) =>
          answer.slice(start_index, end_index),
        )
        expect(spans).toEqual(['[bun.sh](https://bun.sh/blog/bun-v2)', 'https://example.com/news'])
        expect(cited[0].url_citation).toMatchObject({
          url: 'https://bun.sh/blog/bun-v2',
          title: 'Bun 2.0',
          content: 'Bun 2.0 was released today.',
        })
        expect(whole?.usage).toMatchObject({ server_tool_use: { web_search_requests: 1 } })
        expect(whole?.choices?.[0]?.delta?.content).toBe(answer)
      }
  })

  test('is the only one that is searched for', async () => {
    const provider = scripted(says(answer))
    const handler = await mount(online, yaml(), provider, host)
    const call = fakeCall()
    await collect(handler(call))
    expect(searxng.queries).toEqual([])
    expect(provider.calls[0]).toBe(call)
  })

  test('keeps the parts of a message and their cache marks in front', async () => {
    const provider = scripted(says('ok'))
    const handler = await mount(online, yaml(), provider, host)
    const part = { type: 'text', text: 'Which Bun?', cache_control: { type: 'ephemeral' } }
    await collect(handler(fakeCall(question([part]))))
    const content = provider.calls[0]!.request.messages?.[0]?.content as any[]
    expect(content[0]).toEqual(part)
    expect(content).toHaveLength(2)
  })

  test('sends the same prompt for the same results, so that what is kept of it stays true', async () => {
    const provider = scripted(says('ok'))
    const handler = await mount(online, yaml(), provider, host)
    await collect(handler(fakeCall(question('Which Bun?'))))
    await collect(handler(fakeCall(question('Which Bun?'))))
    expect(sent(provider.calls[0]!.request)).toBe(sent(provider.calls[1]!.request))
  })

  test('searches for the last paragraph of a long text', async () => {
    const handler = await mount(online, yaml(), says('ok'), host)
    const text = `${'A pasted log line. '.repeat(200)}\n\nWhat does the last line mean?`
    await collect(handler(fakeCall(question(text))))
    expect(searxng.queries).toEqual(['What does the last line mean?'])
  })

  test('searches for no more than engines take', async () => {
    const handler = await mount(online, yaml(), says('ok'), host)
    for (const text of ['a '.repeat(180), 'wordwordword '.repeat(900), 'x'.repeat(900)])
      await collect(handler(fakeCall(question(text))))
    expect(searxng.queries).toHaveLength(3)
    for (const query of searxng.queries) {
      expect(query.length).toBeLessThanOrEqual(380)
      expect(query.split(' ').length).toBeLessThanOrEqual(44)
    }
  })

  test('of which nothing is said is answered without a search', async () => {
    const provider = scripted(says('ok'))
    const handler = await mount(online, yaml(), provider, host)
    await collect(
      handler(fakeCall(question([{ type: 'image_url', image_url: { url: 'https://x.test/i' } }]))),
    )
    expect(searxng.queries).toEqual([])
    expect(provider.calls).toHaveLength(1)
  })

  test('reads web_search_options as a wish, and takes them out', async () => {
    const provider = scripted(says('ok'))
    const handler = await mount(online, yaml(), provider, host)
    await collect(
      handler(fakeCall({ web_search_options: { search_context_size: 'low' } } as object)),
    )
    expect(searxng.queries).toEqual(['Hello!'])
    expect(provider.calls[0]!.request).not.toHaveProperty('web_search_options')
  })
})

describe('what a request may say', () => {
  test('is said in OpenRouter’s options', async () => {
    searxng.results = [
      { url: 'https://a.substack.com/p/1', title: 'Sub' },
      { url: 'https://substack.com/about', title: 'Bare' },
      { url: 'https://openai.com/blog/x', title: 'Blog' },
      { url: 'https://openai.com/other', title: 'Other' },
      { url: 'https://openai.com/blogs', title: 'Alike' },
    ]
    const provider = scripted(says('ok'))
    const handler = await mount(online, yaml(), provider, host)
    const found = async (entry: object): Promise<string[]> => {
      await collect(handler(fakeCall(question('q', { plugins: [{ id: 'web', ...entry }] }))))
      const text = String(provider.calls.at(-1)!.request.messages?.at(-1)?.content)
      return [...text.matchAll(/^URL: (.*)$/gm)].map(([, url]) => url!)
    }
    expect(await found({ max_results: 2 })).toHaveLength(2)
    expect(await found({ include_domains: ['*.substack.com', 'openai.com/blog'] })).toEqual([
      'https://a.substack.com/p/1',
      'https://openai.com/blog/x',
    ])
    expect(await found({ exclude_domains: ['substack.com', 'openai.com/blog'] })).toEqual([
      'https://openai.com/other',
      'https://openai.com/blogs',
    ])
    await found({ search_prompt: 'Use these:' })
    expect(sent(provider.calls.at(-1)!.request)).toContain('q\\n\\nUse these:\\n\\nThe web search')
  })

  test('is refused where it is no option', async () => {
    const handler = await mount(online, yaml(), says('ok'), host)
    const wrong = fakeCall(question('q', { plugins: [{ id: 'web', max_results: 'many' }] }))
    await expect(collect(handler(wrong))).rejects.toThrow('plugins[0].max_results')
  })
})

describe('a search that is down', () => {
  test('is said, and the answer comes without it', async () => {
    searxng.instead = () => new Response('no', { status: 500 })
    const provider = scripted(says('I do not know.'))
    const handler = await mount(online, yaml(), provider, host)
    const call = fakeCall(question('What is new?'))
    const whole = await collect(handler(call))
    expect(whole?.choices?.[0]?.delta?.content).toBe('I do not know.')
    expect(call.vars.get(notices)).toEqual(['online: the search is down; answered without it'])
    expect(provider.calls[0]!.request.messages).toEqual(call.request.messages as any)
  })

  test('fails the call where that is wanted', async () => {
    for (const instead of [
      () => new Response('no', { status: 500 }),
      () => new Response('no JSON'),
      () => Response.json({ other: 1 }),
      () => new Response('x'.repeat(5_000_000)),
      () => new Response(null, { status: 302, headers: { location: 'http://127.0.0.1:1/' } }),
    ]) {
      searxng.instead = instead
      const provider = scripted(says('ok'))
      const handler = await mount(online, yaml({ when_down: 'fail' }), provider, host)
      const asked = collect(handler(fakeCall(question('What is new?'))))
      await expect(asked).rejects.toMatchObject({ code: 'search_unavailable' })
      expect(provider.calls).toHaveLength(0)
    }
  })

  test('of SearXNG that gives no JSON is logged with what to do', async () => {
    searxng.instead = () => new Response('Forbidden', { status: 403 })
    const lines: unknown[] = []
    const log = {
      debug: () => undefined,
      info: () => undefined,
      warn: (_: string, fields?: object) => void lines.push(fields),
      error: () => undefined,
    }
    const handler = await mount(online, yaml(), says('ok'), { ...host, log })
    await collect(handler(fakeCall(question('secret words'))))
    expect(JSON.stringify(lines)).toContain('add \\"json\\" to search.formats')
    expect(JSON.stringify(lines)).not.toContain('secret words')
  })

  test('has the next engine of a list asked', async () => {
    const exa = startSearxng()
    exa.instead = () => new Response('no', { status: 500 })
    const engines = {
      exa: { api_key: 'k', base_url: exa.url },
      searxng: { base_url: searxng.url },
    }
    const call = fakeCall(question('q'))
    const options = { engine: ['exa', 'searxng'] as ['exa', 'searxng'], engines }
    await collect((await mount(online, options, says('ok'), host))(call))
    expect(call.vars.get(stages)[0]?.data).toEqual({ engine: 'searxng', results: 2 })
    await exa.stop()
  })
})

describe('the same search', () => {
  test('is made once, however many want it at a time or later', async () => {
    const gate = Promise.withResolvers<void>()
    searxng.instead = async () => {
      await gate.promise
      return Response.json({ results: usualResults })
    }
    const provider = scripted(says('ok'))
    const handler = await mount(online, yaml(), provider, host)
    const many = Array.from({ length: 50 }, () => collect(handler(fakeCall(question('same')))))
    await Bun.sleep(20)
    gate.resolve()
    await Promise.all(many)
    await collect(handler(fakeCall(question('same'))))
    expect(searxng.queries).toEqual(['same'])
    await collect(handler(fakeCall(question('other'))))
    expect(searxng.queries).toEqual(['same', 'other'])
  })

  test('goes on for the others when one who wanted it has left', async () => {
    const gate = Promise.withResolvers<void>()
    searxng.instead = async () => {
      await gate.promise
      return Response.json({ results: usualResults })
    }
    const handler = await mount(online, yaml(), says('ok'), host)
    const leaving = new AbortController()
    const first = collect(handler(fakeCall(question('same'), { signal: leaving.signal })))
    const second = collect(handler(fakeCall(question('same'))))
    first.catch(() => undefined)
    await Bun.sleep(10)
    leaving.abort()
    await expect(first).rejects.toMatchObject({ code: 'client_closed' })
    gate.resolve()
    expect((await second)?.choices?.[0]?.delta?.content).toBe('ok')
    expect(searxng.queries).toEqual(['same'])
  })
})

describe('what leaves', () => {
  test('is the query as it may leave', async () => {
    const leaving = (text: string) => text.replace('Ada', '[NAME]')
    const handler = await mount(online, yaml(), says('ok'), { ...host, leaving })
    await collect(handler(fakeCall(question('Who is Ada?'))))
    expect(searxng.queries).toEqual(['Who is [NAME]?'])
  })

  test('is cut to what engines take once it may leave: of half a number nobody knows whose it is', async () => {
    const card = '4111 1111 1111 1111'
    const leaving = (text: string) => text.replaceAll(card, '[CARD]')
    for (let words = 36; words < 46; words++) {
      const handler = await mount(online, yaml(), says('ok'), { ...host, leaving })
      await collect(handler(fakeCall(question(`${'word '.repeat(words)}${card} and more`))))
    }
    expect(searxng.queries).toHaveLength(10)
    for (const query of searxng.queries) {
      expect(query).not.toContain('4111')
      expect(query.split(' ').length).toBeLessThanOrEqual(44)
    }
  })

  test('is written by a model where one is named', async () => {
    const asked: Request[] = []
    const ask: Host['ask'] = (call, { operation, request }) => {
      asked.push(request)
      return says('"bun release date"')({ ...call, operation, request })
    }
    const handler = await mount(online, yaml({ query_model: 'small' }), says('ok'), {
      ...host,
      ask,
    })
    await collect(handler(fakeCall(question('And when did it come out?'))))
    expect(searxng.queries).toEqual(['bun release date'])
    expect(asked[0]?.model).toBe('small')
  })
})

describe('a tool that searches', () => {
  const ours = [
    { type: 'openrouter:web_search', parameters: { max_results: 1 } },
    { type: 'web_search' },
    { type: 'web_search_preview_2025_03_11' },
    { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
    { type: 'googleSearch', googleSearch: {} },
  ]

  test('of any vendor is run here as often as the model wants', async () => {
    for (const tool of ours)
      for (const stream of [true, false]) {
        searxng.queries.length = 0
        const provider = scripted(
          calls([{ name: 'web_search', arguments: '{"query":"bun 2"}' }], 'I will look. '),
          says('Out: [bun.sh](https://bun.sh/blog/bun-v2)'),
        )
        const handler = await mount(online, yaml(), provider, host)
        const call = fakeCall({ tools: [tool], stream } as Partial<Request>)
        const whole = await collect(handler(call))
        expect(searxng.queries).toEqual(['bun 2'])
        expect(provider.calls[0]!.request.tools).toMatchObject([
          { type: 'function', function: { name: 'web_search' } },
        ])
        const results = provider.calls[1]!.request.messages?.at(-1)
        expect(results?.role).toBe('tool')
        expect(String(results?.content)).toContain('Bun 2.0 was released today.')
        const text = String(whole?.choices?.[0]?.delta?.content)
        const [cited] = annotationsOf(whole)
        const { start_index, end_index } = cited.url_citation
        expect(text.slice(start_index, end_index)).toBe('[bun.sh](https://bun.sh/blog/bun-v2)')
        expect(whole?.usage).toMatchObject({ server_tool_use: { web_search_requests: 1 } })
        expect(whole?.choices?.[0]?.finish_reason).toBe('stop')
      }
  })

  test('is told in the text that the search is down, and no more often than is allowed', async () => {
    const call = calls([{ name: 'web_search', arguments: '{"query":"q"}' }])
    const provider = scripted(call, call, says('ok'))
    const handler = await mount(online, yaml({ max_uses: 1 }), provider, host)
    searxng.instead = () => new Response('', { status: 500 })
    await collect(handler(fakeCall({ tools: [{ type: 'web_search' }] })))
    const results = provider.calls[2]!.request.messages!.filter(({ role }) => role === 'tool')
    expect(results.map(({ content }) => content)).toEqual([
      'The web search is down: answer without it.',
      expect.stringContaining('max_uses_exceeded') as any,
    ])
  })

  test('is one search before the call where the YAML says so', async () => {
    const provider = scripted(says('ok'))
    const handler = await mount(online, yaml({ mode: 'inject' }), provider, host)
    await collect(handler(fakeCall({ tools: [{ type: 'web_search' }], tool_choice: 'auto' })))
    expect(searxng.queries).toEqual(['Hello!'])
    expect(provider.calls[0]!.request).not.toHaveProperty('tools')
    expect(provider.calls[0]!.request).not.toHaveProperty('tool_choice')
  })

  test('that was to be called is not missed where it is gone', async () => {
    const provider = scripted(says('ok'))
    const handler = await mount(online, yaml({ mode: 'inject' }), provider, host)
    const own = { type: 'function', function: { name: 'own' } }
    const tools = [{ type: 'web_search_20250305', name: 'web_search' }, own]
    const chosen = async (name: string): Promise<unknown> => {
      const tool_choice = { type: 'function', function: { name } }
      await collect(handler(fakeCall({ tools, tool_choice } as Partial<Request>)))
      const { request } = provider.calls.at(-1)!
      expect(request.tools).toEqual([own])
      return request.tool_choice
    }
    expect(await chosen('web_search')).toBeUndefined()
    expect(await chosen('own')).toEqual({ type: 'function', function: { name: 'own' } })
  })

  test('is offered to who asked for the plugin where the YAML says so', async () => {
    const provider = scripted(
      calls([{ name: 'web_search', arguments: '{"query":"q"}' }]),
      says('ok'),
    )
    const handler = await mount(online, yaml({ mode: 'tool' }), provider, host)
    await collect(handler(fakeCall(question('Hello!'))))
    expect(searxng.queries).toEqual(['q'])
  })

  test('and the plugin together are one search before, and more as the model wants', async () => {
    const provider = scripted(
      calls([{ name: 'web_search', arguments: '{"query":"more"}' }]),
      says('[bun.sh](https://bun.sh/blog/bun-v2)'),
    )
    const handler = await mount(online, yaml(), provider, host)
    const whole = await collect(
      handler(fakeCall(question('First', { tools: [{ type: 'web_search', max_results: 1 }] }))),
    )
    expect(searxng.queries).toEqual(['First', 'more'])
    expect(annotationsOf(whole)).toHaveLength(1)
  })

  test('keeps to what was found when another plugin takes the turns', async () => {
    const turns = scripted(
      calls([{ name: 'web_search', arguments: '{"query":"more"}' }]),
      says('[bun.sh](https://bun.sh/blog/bun-v2)'),
    )
    const provider = await mount(online, yaml(), turns, host)
    const outer = {
      name: 'other',
      description: '',
      parameters: {},
      execute: async () => ({ text: '' }),
    }
    const call = fakeCall(question('First', { tools: [{ type: 'web_search' }] }))
    const whole = await collect(withTools(call, provider, [outer]))
    expect(searxng.queries).toEqual(['First', 'more'])
    const [first, second] = turns.calls.map(({ request }) => request.messages ?? [])
    expect(second!.slice(0, first!.length)).toEqual([...first!])
    expect(annotationsOf(whole)).toHaveLength(1)
    expect(call.vars.get(stages).filter(({ name }) => name === 'web')).toHaveLength(1)
    expect(whole?.usage).toMatchObject({ server_tool_use: { web_search_requests: 2 } })
  })

  test('by a client leaves the prompt as it was in the turn before', async () => {
    const provider = scripted(says('ok'))
    const handler = await mount(online, yaml(), provider, host)
    const first = question('First').messages!
    const later = [
      ...first,
      { role: 'assistant', content: null, tool_calls: [{ id: 'c', function: { name: 'f' } }] },
      { role: 'tool', tool_call_id: 'c', content: 'done' },
    ]
    for (const messages of [first, later])
      await collect(handler(fakeCall({ messages, ...web } as Partial<Request>)))
    const [before, after] = provider.calls.map(({ request }) => request.messages ?? [])
    expect(after!.slice(0, 1)).toEqual([...before!])
    expect(after).toHaveLength(3)
    expect(searxng.queries).toEqual(['First'])
  })
})
