import type { Seen, SeenCall, Surface } from '../../matrix/ask.ts'
import { readRaw } from '../../matrix/lab.ts'
import type { Desk, Kind } from './desk.ts'

/** What one agent posts, as was observed; `history` is what its format keeps turns in. */
export interface Agent {
  readonly name: string
  /** Kinds of providers that speak its own format. */
  readonly alike: readonly Kind[]
  readonly surface: Surface
  path(model: string): string
  readonly headers: Readonly<Record<string, string>>
  /** The body, in the order of its fields. */
  body(model: string, history: readonly unknown[]): object
  readonly opening: readonly unknown[]
  user(text: string): readonly unknown[]
  /** The assistant’s turn as the agent brings it back. */
  replay(seen: Seen): readonly unknown[]
  results(results: readonly Result[]): readonly unknown[]
  /** Whether the agent itself gives signatures back to a provider that speaks its own format. */
  readonly keepsSeals: boolean
}

export interface Result {
  readonly call: SeenCall
  readonly output: string
}

export interface Turn {
  readonly seen: Seen
  readonly raw: string
  /** The body that was posted. */
  readonly posted: string
  readonly history: readonly unknown[]
}

export const post = (
  desk: Desk,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<Response> =>
  fetch(desk.sluice.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })

/** One turn; throws for an answer that breaks the rules of the format. */
export const turn = async (
  desk: Desk,
  agent: Agent,
  kind: Kind,
  history: readonly unknown[],
): Promise<Turn> => {
  const model = desk.model(kind)
  const posted = JSON.stringify(agent.body(model, history))
  const raw = await readRaw(await post(desk, agent.path(model), agent.headers, posted))
  if (raw.status !== 200) throw new Error(`${raw.status} ${raw.text}`)
  const seen = agent.surface.read(raw, true)
  const wrong = [...(seen.error ? [JSON.stringify(seen.error)] : []), ...seen.mistakes]
  if (wrong.length > 0) throw new Error(`${wrong.join('\n')}\n${raw.text}`)
  return { seen, raw: raw.text, posted, history: [...history, ...agent.replay(seen)] }
}
