import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Subprocess } from 'bun'
import { hasProc, processors, type CpuSource } from './cpu.ts'
import type { Order, Sample } from './load.ts'

type Process = Subprocess<'ignore', 'ignore', Bun.BunFile>

/** Something that answers at a port, and whose CPU time can be told. */
export interface Target extends CpuSource {
  readonly port: number
}

/** The processor of the gateways, and those of everything else; none where there is nothing to pin with. */
const pins = (): { readonly gateway: string; readonly others: string } | undefined => {
  const all = processors()
  if (!Bun.which('taskset') || all.length < 2) return undefined
  return { gateway: String(all.at(-1)), others: all.slice(0, -1).join(',') }
}

const freePort = (): number => {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  listener.stop(true)
  return listener.port
}

const startLimit = 15_000

/** Starts and ends the bench's processes, each on its processor. */
export class Stage {
  readonly pins = pins()
  readonly #folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  readonly #running: Process[] = []

  get pids(): number[] {
    return [process.pid, ...this.#running.map(({ pid }) => pid)]
  }

  /** One of the bench's own scripts that tells its port when it is ready. */
  async script(name: string, role: 'gateway' | 'others', ...args: string[]): Promise<Target> {
    return (await this.#talk(name, role, args)).target
  }

  /** The load generator; one order at a time. */
  load(): Promise<(order: Order) => Promise<Sample>> {
    return this.orders('load')
  }

  /** A script that answers one order at a time. */
  async orders<Asked extends { warm: number; window: number }, Answer>(
    name: string,
  ): Promise<(order: Asked) => Promise<Answer>> {
    const { child, inbox } = await this.#talk(name, 'others', [])
    return (order) => {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      const late = () => reject(new Error('the load generator gave no sample'))
      const limit = setTimeout(late, order.warm + order.window + startLimit)
      inbox.take = (message) => {
        clearTimeout(limit)
        resolve(message as Answer)
      }
      child.send(order)
      return promise
    }
  }

  /** The daemon of the checkout at `root`, with its log on and thrown away. */
  async sluice(root: string, config: object): Promise<Target> {
    const port = freePort()
    const folder = join(this.#folder, String(port))
    mkdirSync(folder)
    const file = join(folder, 'config.yaml')
    // JSON is YAML
    await Bun.write(file, JSON.stringify(config))
    const main = join(resolve(root), 'src/main.ts')
    const { child, cpu, errors } = this.#spawn('gateway', [
      main,
      'start',
      '--config',
      file,
      '--port',
      String(port),
    ])
    const end = performance.now() + startLimit
    for (;;) {
      const ready = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined)
      if (ready?.ok) return { ...cpu, port }
      if (child.exitCode !== null || performance.now() > end)
        throw new Error(`sluice did not start: ${await errors.text()}`)
      await Bun.sleep(50)
    }
  }

  async close(): Promise<void> {
    for (const child of this.#running) child.kill('SIGKILL')
    await Promise.all(this.#running.map(({ exited }) => exited))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #talk(name: string, role: 'gateway' | 'others', args: readonly string[]) {
    const ready = Promise.withResolvers<{ readonly port: number }>()
    const inbox = { take: (message: unknown) => ready.resolve(message as { port: number }) }
    const command = [join(import.meta.dir, `${name}.ts`), ...args]
    const { child, cpu, errors } = this.#spawn(role, command, (message) => inbox.take(message))
    const failed = child.exited.then(async () => {
      throw new Error(`${name} ended: ${await errors.text()}`)
    })
    failed.catch(() => undefined)
    const { port } = await Promise.race([ready.promise, failed])
    return { child, inbox, target: { ...cpu, port } }
  }

  #spawn(role: 'gateway' | 'others', args: readonly string[], ipc?: (message: unknown) => void) {
    const pinned = this.pins ? ['taskset', '-c', this.pins[role]] : []
    const probe = role === 'gateway' && !hasProc ? freePort() : undefined
    const preload = probe === undefined ? [] : ['--preload', join(import.meta.dir, 'probe.ts')]
    const errors = Bun.file(join(this.#folder, `${this.#running.length}.stderr`))
    const child = Bun.spawn([...pinned, process.execPath, ...preload, ...args], {
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: errors,
      env: {
        PATH: process.env.PATH,
        HOME: this.#folder,
        BUN_CONFIG_MAX_HTTP_REQUESTS: '65535',
        ...(probe !== undefined && { BENCH_PROBE: String(probe) }),
      },
      ...(ipc && { ipc }),
    })
    this.#running.push(child)
    return { child, errors, cpu: { pid: child.pid, ...(probe !== undefined && { probe }) } }
  }
}
