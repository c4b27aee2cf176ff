import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Where a process tells its CPU time: `/proc`, or where that is missing the socket that `probe.ts` opens in it. */
export interface CpuSource {
  readonly pid: number
  readonly probe?: number
}

export const hasProc = process.platform === 'linux'

/** Nanoseconds by thread, from the kernel's scheduler. */
const threadsOf = (pid: number): Map<string, number> => {
  const folder = `/proc/${pid}/task`
  const threads = new Map<string, number>()
  for (const thread of readdirSync(folder))
    try {
      const [spent] = readFileSync(`${folder}/${thread}/schedstat`, 'latin1').split(' ')
      threads.set(thread, Number(spent))
    } catch {
      // it ended in between
    }
  return threads
}

const askProbe = async (port: number): Promise<number> =>
  Number(await (await fetch(`http://127.0.0.1:${port}/`)).text())

/** A running count; the function that comes back tells the microseconds of CPU since. */
export const watchCpu = async ({ pid, probe }: CpuSource): Promise<() => Promise<number>> => {
  if (hasProc) {
    const before = threadsOf(pid)
    return async () => {
      let spent = 0
      for (const [thread, now] of threadsOf(pid)) spent += now - (before.get(thread) ?? 0)
      return spent / 1_000
    }
  }
  if (probe === undefined) return async () => Number.NaN
  const before = await askProbe(probe)
  return async () => (await askProbe(probe)) - before
}

/** Ticks that all processors were busy, the hypervisor's share included. */
const busyTicks = (): number => {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n')
  const [user, nice, system, , , irq, softirq, steal] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return [user, nice, system, irq, softirq, steal].reduce<number>((sum, of) => sum + (of ?? 0), 0)
}

const tick = 10_000

/** The same for whoever is not of the bench, in processors; 0 where the system does not tell. */
export const watchForeign = async (
  ours: readonly number[],
): Promise<(seconds: number) => Promise<number>> => {
  if (!hasProc) return async () => 0
  const before = busyTicks()
  const counts = await Promise.all(ours.map((pid) => watchCpu({ pid })))
  return async (seconds) => {
    const busy = (busyTicks() - before) * tick
    const own = await Promise.all(counts.map((count) => count()))
    return Math.max(0, (busy - own.reduce((sum, of) => sum + of, 0)) / (seconds * 1e6))
  }
}

/** The processors that this process may use. */
export const processors = (): number[] => {
  if (!hasProc) return Array.from({ length: availableParallelism() }, (_, at) => at)
  const list = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]
  return (list ?? '0').split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, step) => first + step)
  })
}
