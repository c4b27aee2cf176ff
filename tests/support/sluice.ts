import { mkdtemp, mkdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const main = resolve(import.meta.dir, '../../src/main.ts')

export interface SluiceOptions {
  /** The YAML; without one there is no config file, and none is named on the command line. */
  readonly config?: string
  /** More files for the daemon's directory. */
  readonly files?: Readonly<Record<string, string>>
  /** Added to an environment that is otherwise empty but for PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>
  /** Added after `start --config config.yaml --port 0`. */
  readonly args?: readonly string[]
}

export interface Sluice {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** `url` + `/v1` */
  readonly v1: string
  readonly port: number
  /** The daemon's working directory, gone after `stop`. */
  readonly directory: string
  readonly pid: number
  /** Settles with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>
  stdout(): string
  stderr(): string
  /** The log lines that are JSON. */
  log(): any[]
  /** Writes a file beside the config, by atomic rename. */
  write(file: string, text: string): Promise<void>
  signal(signal: NodeJS.Signals): void
  /** SIGTERM; throws unless the daemon leaves with 0 and has logged nothing fatal. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts the daemon as a process of its own in a fresh directory and waits for its address. */
export const startSluice = async (options: SluiceOptions = {}): Promise<Sluice> => {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-'))
  const files = {
    ...options.files,
    ...(options.config !== undefined && { 'config.yaml': options.config }),
  }
  for (const [file, text] of Object.entries(files)) await write(join(directory, file), text)

  const config = options.config === undefined ? [] : ['--config', 'config.yaml']
  const child = Bun.spawn(
    [process.execPath, main, 'start', ...config, '--port', '0', ...(options.args ?? [])],
    {
      cwd: directory,
      env: { PATH: process.env.PATH ?? '', HOME: directory, ...options.env },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    },
  )
  const stdout = follow(child.stdout)
  const stderr = follow(child.stderr)
  const exited = child.exited.then((code) => child.signalCode ?? code)

  const address = await Promise.race([
    stdout.line(/http:\/\/127\.0\.0\.1:([1-9]\d*)/),
    exited.then((code) => `left with ${code}`),
    Bun.sleep(20_000).then(() => 'did not print its address'),
  ])
  if (typeof address === 'string') {
    child.kill('SIGKILL')
    await rm(directory, { recursive: true, force: true })
    throw new Error(`the daemon ${address}\n${stdout.text()}\n${stderr.text()}`)
  }

  const log = (): any[] =>
    stdout
      .text()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))

  let stopped = false
  const stop = async (): Promise<void> => {
    if (stopped) return
    stopped = true
    child.kill('SIGTERM')
    const code = await Promise.race([
      exited,
      Bun.sleep(15_000).then(() => 'nothing: it did not leave'),
    ])
    if (code === 'nothing: it did not leave') child.kill('SIGKILL')
    await rm(directory, { recursive: true, force: true })
    const fatal = log().filter((line) => line.level === 'fatal')
    if (code !== 0 || fatal.length > 0) {
      const lines = fatal.map((line) => JSON.stringify(line)).join('\n')
      throw new Error(`the daemon left with ${code}\n${lines}\n${stderr.text()}`)
    }
  }

  const port = Number(address[1])
  return {
    url: `http://127.0.0.1:${port}`,
    v1: `http://127.0.0.1:${port}/v1`,
    port,
    directory,
    pid: child.pid,
    exited,
    stdout: stdout.text,
    stderr: stderr.text,
    log,
    write: (file, text) => write(join(directory, file), text),
    signal: (signal) => child.kill(signal),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

const write = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  await Bun.write(`${path}.new`, text)
  await rename(`${path}.new`, path)
}

/** Collects a pipe's text and answers when a line matches. */
const follow = (pipe: ReadableStream<Uint8Array>) => {
  let text = ''
  let look: (() => void) | undefined
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder()
    for await (const bytes of pipe) {
      text += decoder.decode(bytes, { stream: true })
      look?.()
    }
  }
  void read()
  return {
    text: () => text,
    line: (pattern: RegExp): Promise<RegExpExecArray> =>
      new Promise((found) => {
        look = () => {
          const complete = text.slice(0, text.lastIndexOf('\n') + 1)
          const match = pattern.exec(complete)
          if (match) found(match)
        }
        look()
      }),
  }
}
