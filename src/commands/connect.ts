import { resolve } from 'node:path'
import type { Env } from '../config/model.ts'
import { didYouMean } from '../nearest.ts'
import { KEY_VARIABLE, type Agent, type Target } from './connect/agent.ts'
import { agents, agentsFound } from './connect/agents.ts'
import { ask, CANCELLED } from './connect/ask.ts'
import { carryOut } from './connect/carry-out.ts'
import { codeOf } from './connect/files.ts'
import { differs, planBack, planConnect, Refused, type Planned } from './connect/plan.ts'
import { readUndo, undoFile } from './connect/record.ts'
import { diffOf, stepsOf, type Shown } from './connect/shown.ts'

export interface ConnectOptions {
  /** Without one, all are listed. */
  readonly agent: string | undefined
  readonly model?: string | undefined
  readonly url?: string | undefined
  readonly key?: string | undefined
  /** The agent's own folder, where it is not the usual one. */
  readonly dir?: string | undefined
  /** Does it without asking. */
  readonly write?: boolean
  /** Only shows it. */
  readonly print?: boolean
  /** Takes it back. */
  readonly undo?: boolean
  readonly env: Env
  /** Whether somebody is there to be asked; by default, whether stdin and stdout are terminals. */
  readonly tty?: boolean
}

interface Run extends Shown {
  readonly agent: Agent
  readonly target: Target
  readonly record: string
  readonly write: boolean
  readonly asks: boolean
}

export const DEFAULT_URL = 'http://127.0.0.1:4747'

/** Points a coding agent at the gateway, or back; returns the exit code of the command. */
export async function connect(options: ConnectOptions): Promise<number> {
  const { env, write = false, print = false, undo = false } = options
  const home = env.HOME || env.USERPROFILE
  if (!home) return complain('HOME is not set, so no agent can be found')
  if (options.agent === undefined) return list(env, home)
  const agent = agents.find(({ name }) => name === options.agent)
  if (!agent) {
    const names = agents.map(({ name }) => name)
    return complain(`unknown agent ${options.agent}${didYouMean(options.agent, names)}`)
  }
  if (write && print) return complain('--write and --print exclude each other')
  const url = rootOf(options.url ?? DEFAULT_URL)
  if (url === undefined) return complain('--url needs an http:// or https:// address')
  const tty = options.tty ?? (process.stdin.isTTY && process.stdout.isTTY)
  const asks = tty && !write && !print
  const asked = asks && !undo && agent.needsModel && options.model === undefined
  const model = asked ? await ask.model(url) : options.model
  if (model === CANCELLED) return CANCELLED
  if (agent.needsModel && model === undefined && !undo)
    return complain(`${agent.title} needs --model; ${url}/v1/models has their names`)
  const key = options.key ?? (env[KEY_VARIABLE] || undefined)
  if (![model, key].every(isWord)) return complain('--model and --key are words without spaces')

  const dir = resolve(options.dir ?? agent.dir(env, home))
  const target = { url, model, key, dir, home, env }
  const plain = new Set(['anything', KEY_VARIABLE, `{env:${KEY_VARIABLE}}`, options.key ?? ''])
  const secret = options.key === undefined ? key : undefined
  const record = undoFile(env, home, agent.name, dir)
  try {
    return await (undo ? back : link)({ agent, target, record, write, asks, plain, secret })
  } catch (cause) {
    console.error(cause instanceof Refused ? cause.message : `${agent.title}: ${codeOf(cause)}`)
    return 1
  }
}

async function link(run: Run): Promise<number> {
  const { agent, target, record } = run
  const planned = await planConnect(agent, target, await readUndo(record))
  const steps = await stepsOf(agent, target, run)
  if (planned.length === 0) return say(steps, 0)
  if (!planned.some(differs))
    return say([`${agent.title} is connected to ${target.url}.`, ...steps], 0)
  console.log(diffOf(planned, run))
  return settle(run, planned, `Connect ${agent.title}?`, [
    `${agent.title} is connected to ${target.url}; --undo takes it back.`,
    ...steps,
  ])
}

async function back(run: Run): Promise<number> {
  const { agent, record } = run
  const undo = await readUndo(record)
  if (!undo) return say([`${agent.title} was not connected by Sluice; nothing to take back.`], 0)
  const planned = await planBack(undo.files)
  const done = planned.flatMap(({ file, edited, kept }) => [
    edited
      ? `${file} was edited since: only Sluice's own values are taken back.`
      : `${file} is as it was before.`,
    ...kept.map((name) => `${name} is another value now and stays.`),
  ])
  if (planned.some(differs)) console.log(diffOf(planned, run))
  return settle(run, planned, `Disconnect ${agent.title}?`, done)
}

/** Does what was shown, if it is wanted. */
async function settle(
  { agent, record, write, asks }: Run,
  planned: readonly Planned[],
  question: string,
  done: readonly string[],
): Promise<number> {
  if (!write && !asks) return say(['', 'Nothing was written; --write does it.'], 0)
  if (!write) {
    const wanted = await ask.whether(question)
    if (!wanted) return say(['Nothing was written.'], CANCELLED)
  }
  await carryOut(agent.name, planned, record)
  return say(done, 0)
}

async function list(env: Env, home: string): Promise<number> {
  const found = await agentsFound(env, home)
  const rest = agents.filter((agent) => !found.includes(agent))
  const line = ({ name, title }: Agent) => `  ${name.padEnd(12)} ${title}`
  return say(
    [
      ...(found.length > 0 ? ['Found here:', ...found.map(line), ''] : []),
      ...(rest.length > 0 ? ['Not found here:', ...rest.map(line), ''] : []),
      'sluice connect <agent> shows what it would change, and asks.',
    ],
    0,
  )
}

/** Agents add /v1 themselves, or get it added. */
function rootOf(given: string): string | undefined {
  if (!URL.canParse(given)) return undefined
  const url = new URL(given)
  if (!/^https?:$/.test(url.protocol) || url.username || url.search || url.hash) return undefined
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '').replace(/\/v1$/, '')
}

const isWord = (text: string | undefined): boolean =>
  text === undefined || /^[^\s\p{Cc}]+$/u.test(text)

function say(lines: readonly string[], code: number): number {
  for (const line of lines) console.log(line)
  return code
}

function complain(message: string): number {
  console.error(`sluice: ${message}\nSee sluice --help.`)
  return 64
}
