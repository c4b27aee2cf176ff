import { expect, test } from 'bun:test'
import { startLab, type Lab } from '../support/lab.ts'
import { answers, status } from '../support/scripts.ts'
import { until } from '../support/until.ts'

const secrets = {
  key: 'sk-provider-SECRETA',
  second: 'sk-provider-SECRETB',
  header: 'SECRETHEADER',
  client: 'sk-client-SECRETC',
  wrong: 'sk-wrong-SECRETW',
  prompt: 'SECRETPROMPT',
  tool: 'SECRETTOOL',
  answer: 'SECRETANSWER',
  field: 'SECRETFIELD',
}

const start = (log: string): Promise<Lab> =>
  startLab({
    server: { log },
    providers: ({ a }) => ({
      a: {
        base_url: a.url,
        api_keys: [secrets.key, secrets.second],
        headers: { 'x-extra': secrets.header },
      },
    }),
    plugins: [
      { auth: { keys: { laptop: { key: secrets.client, tags: { team: 'search' } } } } },
      'fallback',
      { example: { characters: 1_000 } },
    ],
  })

const messages = [
  { role: 'user', content: secrets.prompt },
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: secrets.tool } }],
  },
  { role: 'tool', tool_call_id: 'c', content: secrets.tool },
]
const authorization = `Bearer ${secrets.client}`

/** Everything that was printed, once the daemon has left. */
const printed = async ({ sluice }: Lab): Promise<string> => {
  sluice.signal('SIGTERM')
  await sluice.exited
  let out = ''
  await until('no more comes', async () => {
    const before = out
    out = sluice.stdout() + sluice.stderr()
    await Bun.sleep(30)
    return out === before
  })
  return out
}

/** Calls that end in every way there is, each full of secrets. */
const play = async (lab: Lab): Promise<void> => {
  const say = (request: object, init: RequestInit = { headers: { authorization } }) =>
    lab.chat({ messages, user: secrets.field, ...request }, init)
  lab.a.always(answers(secrets.answer))
  for (const stream of [true, false]) await say({ stream })
  lab.a.next(status(401, `Incorrect API key provided: ${secrets.key}`))
  lab.a.next(status(500, secrets.prompt), status(400, `Bad ${secrets.prompt} for ${secrets.key}`))
  for (const stream of [true, false, true]) await say({ stream })
  await say({ messages: secrets.prompt })
  await say({ messages: [{ role: 'user', content: secrets.prompt.repeat(100) }] })
  await say({}, { headers: { authorization: `Bearer ${secrets.wrong}` } })
  await say({ stream: true }, { headers: { 'x-api-key': secrets.wrong } })
  const { v1 } = lab.sluice
  const headers = { authorization }
  await fetch(`${v1}/chat/completions`, { method: 'POST', headers, body: `{"${secrets.prompt}` })
  await fetch(`${v1}/models`, { headers })
  await fetch(`${v1}/${secrets.prompt}?key=${secrets.client}`, { headers })
}

test.each(['json', 'pretty'])(
  'no prompt, no answer and no key is ever logged (%s)',
  async (log) => {
    await using lab = await start(log)
    await play(lab)
    await Bun.sleep(50)
    const printed = lab.sluice.stdout() + lab.sluice.stderr()
    expect(printed).toContain('chat')
    for (const secret of Object.values(secrets)) expect(printed).not.toContain(secret)
    expect(printed).not.toContain('SECRET')
  },
)

test('each call is one line with all that an operator asks for', async () => {
  await using lab = await start('json')
  const calls = () => lab.sluice.log().filter(({ message }) => message === 'chat')
  lab.a.next(status(500))
  await lab.chat({ messages, stream: true }, { headers: { authorization } })
  await until('it is logged', () => calls().length === 1)
  const [line] = calls()
  expect(line).toMatchObject({
    level: 'info',
    status: 200,
    model: 'm',
    served: 'b/m',
    route: 'm',
    caller: 'laptop',
    stream: true,
    prompt_tokens: 19,
    completion_tokens: 3,
    attempts: 2,
    failed: ['a:upstream_error'],
  })
  expect(line.id).toMatch(/^gen-/)
  expect(Date.parse(line.time)).toBeWithin(Date.now() - 60_000, Date.now() + 1_000)
  expect(line.ms).toBeGreaterThanOrEqual(line.first_ms)
})

test('the id in the log is the one that the client was told', async () => {
  await using lab = await start('json')
  const { headers } = await lab.chat({ messages }, { headers: { authorization } })
  const refused = await lab.chat({ messages: 5 }, { headers: { authorization } })
  const ids = () => lab.sluice.log().map(({ id }) => id)
  await until('both are logged', () =>
    [headers, refused.headers].every((each) => ids().includes(each.get('x-generation-id'))),
  )
})

test('what a client writes cannot forge a line of the log', async () => {
  await using lab = await start('pretty')
  for (const model of ['m\n12:00:00 200 chat  forged', 'forged\u001B[2J', 'forged\r'])
    expect((await lab.chat({ messages, model }, { headers: { authorization } })).status).toBe(400)
  const out = await printed(lab)
  expect(out).toContain('400')
  expect(out).not.toContain('forged')
})

test('silent is silent', async () => {
  await using lab = await start('silent')
  const before = lab.sluice.stdout()
  await play(lab)
  expect(await printed(lab)).toBe(before)
})
