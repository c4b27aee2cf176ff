import { mkdir, open, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { safeParse } from 'valibot'
import { isLoopback } from '../config/base-url.ts'
import { jsonSchema } from '../config/json-schema.ts'
import type { Env, ProviderConfig } from '../config/model.ts'
import { serverSchema } from '../config/schema.ts'
import { starterYaml, whence, type Starter } from '../config/starter.ts'
import { offerAgents } from './connect/offer.ts'
import { probeLocalRuntimes, providersFromEnv } from '../providers/discover.ts'

export interface InitOptions {
  readonly file: string
  /** Whether an existing file may be replaced. */
  readonly force: boolean
  /** Takes every default without asking. */
  readonly yes: boolean
  readonly env: Env
  /** Whether somebody is there to be asked; by default, whether stdin and stdout are terminals. */
  readonly tty?: boolean
  /** How local runtimes are found. */
  readonly probe?: () => Promise<readonly ProviderConfig[]>
  /** The schema for editors; with the options of plugins, if they are known. */
  readonly schema?: object
}

interface Found {
  readonly providers: readonly ProviderConfig[]
  /** Those whose key serves other purposes too; offered, not taken. */
  readonly offered: readonly ProviderConfig[]
}

interface Answers extends Omit<Starter, 'hash'> {
  readonly protect: boolean
}

const CANCELLED = 130

/** Writes a first config and its schema; returns the exit code of the command. */
export async function init(options: InitOptions): Promise<number> {
  const { file, force, yes, env, tty = process.stdin.isTTY && process.stdout.isTTY } = options
  if (!force && (await Bun.file(file).exists())) return refuse(file)
  const found = await look(env, options.probe ?? probeLocalRuntimes)
  const answers = yes || !tty ? defaults(found) : await ask(found, file, env)
  if (!answers) return CANCELLED

  const key = answers.protect ? createKey() : undefined
  const hash = key === undefined ? {} : { hash: hashOf(key) }
  const text = starterYaml({ ...answers, ...hash }, env)
  const schema = `${JSON.stringify(options.schema ?? jsonSchema(), null, 2)}\n`
  try {
    // a folder that cannot be made is told of by the write below
    await mkdir(dirname(file), { recursive: true }).catch(() => {})
    await writePrivate(file, text, force)
    await writeFile(join(dirname(file), 'sluice.schema.json'), schema)
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return refuse(file)
    console.error(`${file} cannot be written: ${codeOf(cause) ?? 'unknown error'}`)
    return 1
  }
  report(file, answers, key)
  await offerAgents({ ...answers, key, env, asks: tty && !yes })
  return 0
}

async function look(env: Env, probe: NonNullable<InitOptions['probe']>): Promise<Found> {
  const own = providersFromEnv(env)
  const taken = new Set(own.map(({ name }) => name))
  return {
    providers: [...own, ...(await probe())],
    offered: providersFromEnv(env, 'all').filter(({ name }) => !taken.has(name)),
  }
}

function defaults({ providers }: Found): Answers {
  return { host: '127.0.0.1', port: 4747, providers, protect: false }
}

/** `undefined` when the person gave up. */
async function ask(
  { providers, offered }: Found,
  file: string,
  env: Env,
): Promise<Answers | undefined> {
  const { cancel, confirm, intro, isCancel, log, multiselect, text } =
    await import('@clack/prompts')
  const stop = () => {
    cancel('Nothing was written.')
    return undefined
  }
  intro(`sluice init: writes ${file}`)
  const all = [...providers, ...offered]
  if (all.length === 0) log.info('No key in the environment and no local runtime was found.')
  const names =
    all.length === 0
      ? []
      : await multiselect({
          message: 'Which providers shall Sluice use?',
          options: all.map((provider) => ({ value: provider.name, hint: whence(provider, env) })),
          initialValues: providers.map(({ name }) => name),
          required: false,
        })
  if (isCancel(names)) return stop()
  const host = await text({
    message: 'Which address shall it listen on?',
    initialValue: '127.0.0.1',
    validate: (host) => invalid({ host }),
  })
  if (isCancel(host)) return stop()
  const port = await text({
    message: 'Which port?',
    initialValue: '4747',
    validate: (port) => invalid({ port: Number(port || 'none') }),
  })
  if (isCancel(port)) return stop()
  const open = isLoopback(`http://${host.includes(':') ? `[${host}]` : host}`)
  if (!open) log.info('Other machines can reach this address, so clients will need a key.')
  const message = 'Shall clients need a key?'
  const protect = open ? await confirm({ message, initialValue: false }) : true
  if (isCancel(protect)) return stop()
  const chosen = all.filter(({ name }) => names.includes(name))
  return { host, port: Number(port), providers: chosen, protect }
}

function invalid(server: object): string | undefined {
  const { issues } = safeParse(serverSchema, server)
  return issues?.[0]?.message
}

/** 256 random bits, so that a plain SHA-256 of it cannot be reversed. */
function createKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return `sk-sluice-${Buffer.from(bytes).toString('base64url')}`
}

function hashOf(key: string): string {
  return `sha256:${new Bun.CryptoHasher('sha256').update(key).digest('hex')}`
}

/** Readable by its owner alone from the first byte on, and replaced as a whole. */
async function writePrivate(file: string, text: string, replace: boolean): Promise<void> {
  const target = replace ? `${file}.${crypto.randomUUID()}.tmp` : file
  const handle = await open(target, 'wx', 0o600)
  try {
    await handle.writeFile(text)
  } finally {
    await handle.close()
  }
  if (replace) await rename(target, file)
}

function report(file: string, { providers }: Answers, key: string | undefined): void {
  const names = providers.map(({ name }) => name).join(', ')
  console.log(`Wrote ${file} and sluice.schema.json.`)
  console.log(`Providers: ${names || 'none yet; set a key such as OPENAI_API_KEY'} (and demo).`)
  if (key !== undefined) {
    console.log(`\nThe key for your clients, shown this once:\n\n  ${key}\n`)
  }
  console.log(`Next: bun start --config ${file}`)
}

function refuse(file: string): number {
  console.error(`${file} exists already; --force replaces it.`)
  return 1
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
}
