import { startProvider, type Provider, type Script } from '../../support/provider.ts'
import { startSluice, type Sluice } from '../../support/sluice.ts'
import { strictAnthropic, type Loop } from '../../support/anthropic-strict.ts'
import { strictOpenAI, strictOpenRouter } from '../../support/fixtures-openai-strict.ts'
import { strictGemini } from '../../support/gemini-strict.ts'
import { strictResponses } from '../../support/responses-strict.ts'
import { sendWhole } from '../../support/fixtures-replay.ts'
import type { Dialect, Scenario } from '../../support/fixtures.ts'

/** What stands behind Sluice: one provider of each kind, each with its own rules. */
export const kinds = ['openai', 'router', 'anthropic', 'gemini', 'responses'] as const
export type Kind = (typeof kinds)[number]

export const dialectOf = (kind: Kind): Dialect => (kind === 'router' ? 'openai' : kind)

const strictOf: Readonly<Record<Kind, (turns?: Loop) => Script>> = {
  openai: strictOpenAI,
  router: strictOpenRouter,
  anthropic: strictAnthropic,
  gemini: strictGemini,
  responses: strictResponses,
}

/** OpenAI’s chat shows no reasoning; its fixtures of these names are a router’s. */
const plainly: Partial<Record<Scenario, Scenario>> = {
  reasoning_tool: 'tool',
  interleaved: 'parallel',
}

const countsInput = sendWhole('responses', { object: 'response.input_tokens', input_tokens: 31 })

/** The request without system messages at its end, for scripts look at the last message to know what was said. */
const judged = (json: any): any => {
  const field = json?.input ? 'input' : 'messages'
  const list: readonly any[] | undefined = json?.[field]
  const last = list?.findLastIndex(({ role }) => role !== 'system' && role !== 'developer')
  return list && last !== undefined ? { ...json, [field]: list.slice(0, last + 1) } : json
}

const strict = (kind: Kind, { first, last }: Loop): Script => {
  const known = (scenario: Scenario): Scenario =>
    kind === 'openai' ? (plainly[scenario] ?? scenario) : scenario
  const script = strictOf[kind]({
    ...(first && { first: known(first) }),
    ...(last && { last: known(last) }),
  })
  return (exchange) => {
    const { request } = exchange
    return script({ ...exchange, request: { ...request, json: judged(request.json) } })
  }
}

export interface Desk {
  readonly sluice: Sluice
  readonly providers: Readonly<Record<Kind, Provider>>
  /** The name at Sluice of its model. */
  model(kind: Kind): string
  /** The answers to the next requests, instead of any before: the first answers a user, each other the results of the one before. */
  plays(kind: Kind, ...scenarios: readonly Scenario[]): void
  /** Bodies that reached the provider since `mark`. */
  since(kind: Kind, mark: number): Provider['requests']
  [Symbol.asyncDispose](): Promise<void>
}

export const startDesk = async (
  plugins: readonly unknown[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<Desk> => {
  const started = await Promise.all(kinds.map((name) => startProvider({ name })))
  const providers = Object.fromEntries(kinds.map((kind, at) => [kind, started[at]!])) as Record<
    Kind,
    Provider
  >
  // of its own, so that what a failed test left over can be forgotten
  const queues = Object.fromEntries(kinds.map((kind) => [kind, []])) as unknown as Record<
    Kind,
    Script[]
  >
  for (const kind of kinds) {
    providers[kind].always((exchange) => {
      if (exchange.request.path.endsWith('/input_tokens')) return countsInput(exchange)
      return (queues[kind].shift() ?? strictOf[kind]())(exchange)
    })
  }
  const timeouts = { connect: '5s', first_byte: '10s', stall: '10s', total: '30s' }
  const provider = (kind: Kind, preset: string) => ({
    preset,
    dialect: dialectOf(kind),
    base_url:
      kind === 'gemini' ? providers[kind].url.replace(/\/v1$/, '/v1beta') : providers[kind].url,
    api_key: `sk-provider-${kind}`,
    timeouts,
  })
  const config = {
    server: { drain: '1s', discover: false },
    providers: {
      openai: provider('openai', 'openai'),
      router: provider('router', 'openrouter'),
      anthropic: provider('anthropic', 'anthropic'),
      gemini: provider('gemini', 'gemini'),
      responses: provider('responses', 'openai'),
    },
    plugins,
  }
  const stopAll = () => Promise.all(started.map((one) => one.stop()))
  const sluice = await startSluice({
    config: JSON.stringify(config),
    files,
    env: { SLUICE_DEBUG: '1', BUN_CONFIG_MAX_HTTP_REQUESTS: '4096' },
  }).catch(async (error) => {
    await stopAll()
    throw error
  })
  return {
    sluice,
    providers,
    model: (kind) =>
      `${kind}/${kind === 'anthropic' ? 'claude-sonnet-4-5' : kind === 'gemini' ? 'gemini-3-pro' : kind === 'router' ? 'anthropic/claude-sonnet-4.5' : 'gpt-5.2'}`,
    plays(kind, ...scenarios) {
      queues[kind] = scenarios.map((scenario, at) =>
        at === 0
          ? strict(kind, { first: scenario })
          : strict(kind, { first: scenarios[at - 1]!, last: scenario }),
      )
    },
    since: (kind, mark) => providers[kind].requests.slice(mark),
    async [Symbol.asyncDispose]() {
      try {
        await sluice.stop()
      } finally {
        await stopAll()
      }
    },
  }
}
