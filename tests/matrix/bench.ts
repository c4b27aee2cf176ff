import { anthropic } from '../fixtures/build/anthropic.ts'
import { gemini } from '../fixtures/build/gemini.ts'
import type { Meaning, Scenario as Meant } from '../fixtures/build/meaning.ts'
import { openai } from '../fixtures/build/openai.ts'
import { responses } from '../fixtures/build/responses.ts'
import {
  contentTypes,
  expected,
  fixture,
  type Fixture,
  type Scenario,
} from '../support/fixtures.ts'
import type { ProviderRequest, Script } from '../support/provider.ts'
import type { Ask, Dialect, Seen, Sent, Surface } from './ask.ts'
import { modelAt, readRaw, type Lab } from './lab.ts'

export interface Turned {
  readonly seen: Seen
  readonly sent: Sent
  /** The body that reached the provider. */
  readonly body: any
}

/** What a feature's parts work with: one client, one provider, one mode. */
export interface Bench {
  readonly surface: Surface
  readonly dialect: Dialect
  readonly stream: boolean
  readonly lab: Lab
  /**
   * A good answer, held to all that must hold in every one.
   * @param at another provider
   * @param caller somebody whom the daemon may know again
   */
  turn(
    ask: Ask,
    scenario: Scenario | Script,
    other?: { readonly at?: Dialect; readonly caller?: string },
  ): Promise<Turned>
  /**
   * What a script that fails comes to, at a provider of its own.
   * @param begun called when the client has the head of its answer
   */
  fail(ask: Ask, script: Script, begun?: () => void): Promise<Seen>
  same(what: string, got: unknown, wanted: unknown): void
  must(right: unknown, rule: string): void
}

export interface Part {
  readonly name: string
  /** Streamed answers only. */
  readonly streamed?: true
  /** Where it has no meaning otherwise. */
  only?(surface: Surface, dialect: Dialect): boolean
  run(bench: Bench): Promise<void>
}

export interface Feature {
  readonly name: string
  readonly parts: readonly Part[]
}

/** The pieces are cut anywhere, as networks do. */
const pieceSize = Number(process.env.MATRIX_PIECE ?? 701)

const sends =
  (dialect: Dialect, choose: (request: ProviderRequest) => Fixture): Script =>
  async (exchange) => {
    const form = dialect.streams(exchange.request) ? 'sse' : 'json'
    const bytes = Buffer.from(choose(exchange.request)[form])
    await exchange.head(200, { 'content-type': contentTypes[form][dialect.name] })
    for (let at = 0; at < bytes.length; at += pieceSize)
      await exchange.body(bytes.subarray(at, at + pieceSize))
    await exchange.end()
  }

/** The fixture, streamed or whole as asked. */
export const plays = (dialect: Dialect, scenario: Scenario): Script => {
  const found = fixture(dialect.name, scenario)
  return sends(dialect, () => found)
}

/** Whole where a stream is asked for, and the other way round. */
export const playsOtherwise =
  (dialect: Dialect, scenario: Scenario): Script =>
  async (exchange) => {
    const form = dialect.streams(exchange.request) ? 'json' : 'sse'
    await exchange.head(200, { 'content-type': contentTypes[form][dialect.name] })
    await exchange.body(fixture(dialect.name, scenario)[form])
    await exchange.end()
  }

/** An answer that no fixture is. */
export const playsMeaning = (dialect: Dialect, scenario: Meant, meaning: Meaning): Script =>
  sends(dialect, () => {
    const { sse, json } = builders[dialect.name](scenario, meaning)
    return { sse, json: JSON.stringify(json) }
  })

/** A call of a custom tool; of a function where the provider was told of one. */
export const playsCustom = (dialect: Dialect): Script =>
  sends(dialect, (request) => {
    if (dialect.sent(request).customTools.length > 0) return fixture(dialect.name, 'custom_tool')
    const [called] = expected('openai', 'custom_tool').tool_calls ?? []
    const text = JSON.stringify({ input: called?.arguments })
    const call = {
      kind: 'call',
      id: 'patch',
      name: called?.name ?? '',
      fragments: cut(text),
    } as const
    const usage = { prompt: 890, completion: 73 }
    const { sse, json } = builders[dialect.name]('custom_tool', {
      parts: [call],
      finish: 'tool_calls',
      usage,
    })
    return { sse, json: JSON.stringify(json) }
  })

const builders = { openai, anthropic, gemini, responses }

/** Pieces of a few characters: escapes are cut in two. */
const cut = (text: string): string[] => text.match(/.{1,5}/gsu) ?? []

/** Characters of a value that a failure shows. */
const limit = Number(process.env.MATRIX_SHOWS ?? 160)

const shown = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > limit ? `${text.slice(0, limit)}…` : text
}

/** Without fields that are undefined. */
const plain = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value))

const paths: Readonly<Record<Dialect['name'], RegExp>> = {
  openai: /^\/v1\/chat\/completions$/,
  anthropic: /^\/v1\/messages$/,
  gemini: /^\/v1beta\/models\/m:(generateContent|streamGenerateContent\?alt=sse)$/,
  responses: /^\/v1\/responses$/,
}

export const createBench = (
  lab: Lab,
  surface: Surface,
  dialect: Dialect,
  stream: boolean,
): Bench & { readonly failures: readonly string[] } => {
  const failures: string[] = []
  const must = (right: unknown, rule: string): void => {
    if (!right) failures.push(rule)
  }
  const same = (what: string, got: unknown, wanted: unknown): void =>
    must(
      Bun.deepEquals(plain(got), plain(wanted)),
      `${what}: got ${shown(got)}, wanted ${shown(wanted)}`,
    )

  const ask = async (words: Ask, model: string, begun = () => {}, caller?: string) => {
    const written = surface.write(words, { model, stream })
    const named = caller !== undefined && { 'x-matrix-caller': caller }
    const response = await lab.post({ ...written, headers: { ...written.headers, ...named } })
    begun()
    const raw = await readRaw(response)
    try {
      return surface.read(raw, stream && raw.status === 200)
    } catch (error) {
      throw new Error(`unreadable answer (${error}): ${raw.status} ${raw.text.slice(0, 200)}`, {
        cause: error,
      })
    }
  }

  return {
    surface,
    dialect,
    stream,
    lab,
    failures,
    same,
    must,
    async turn(words, scenario, { at = dialect, caller } = {}) {
      lab.play(at, typeof scenario === 'string' ? plays(at, scenario) : scenario)
      const before = lab.providers[at.name].requests.length
      const seen = await ask(words, lab.steady(at), undefined, caller)
      const said = seen.error && ` (${seen.error.message})`
      if (seen.status !== 200) throw new Error(`status ${seen.status}${said ?? ''}`)
      const request = lab.last(at)
      if (!request || lab.providers[at.name].requests.length === before)
        throw new Error('nothing reached the provider')
      const sent = at.sent(request)
      for (const mistake of seen.mistakes) must(false, `answer: ${mistake}`)
      for (const mistake of sent.mistakes) must(false, `request: ${mistake}`)
      must(paths[at.name].test(sent.path), `request: the path is ${sent.path}`)
      same('key', sent.key, `sk-provider-${at.name}`)
      same('model upstream', sent.model, modelAt(at.name))
      must(!JSON.stringify(request.headers).includes('sk-client'), 'the client’s key stays here')
      must(!request.body.includes('SluiceSealV1'), 'no envelope of ours reaches a provider')
      must(at.streams(request) === stream, 'the provider is asked for the client’s own mode')
      same('error', seen.error, undefined)
      return { seen, sent, body: request.json }
    },
    async fail(words, script, begun) {
      lab.play(dialect, script)
      const seen = await ask(words, lab.fresh(dialect), begun)
      for (const mistake of seen.mistakes) must(false, `answer: ${mistake}`)
      return seen
    },
  }
}
