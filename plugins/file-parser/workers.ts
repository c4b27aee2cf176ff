import type { Asked, Read } from './messages.ts'

/** Files that are read at once, and that may wait. */
const most = 2
const mostWaiting = 64

/** Milliseconds after which a worker that has nothing to do is let go, with all that it has loaded. */
const idle = 60_000

/** Bytes that the process may grow by while a file is read: a few kilobytes can unpack without end. */
const mostGrowth = 500_000_000

/** Milliseconds between two checks of that. */
const look = 50

interface Job {
  readonly asked: Asked
  readonly timeout: number
  readonly done: (read: Read) => void
}

/** Reads PDFs beside the event loop: a file that never ends costs its own worker, and nobody else's time. */
export const createWorkers = () => {
  const waiting: Job[] = []
  const free = new Map<Worker, ReturnType<typeof setTimeout>>()
  let running = 0
  let closed = false

  const dismiss = (worker: Worker): void => {
    clearTimeout(free.get(worker))
    free.delete(worker)
    worker.terminate()
  }

  const rest = (worker: Worker): void => {
    if (closed) return dismiss(worker)
    const timer = setTimeout(() => dismiss(worker), idle)
    timer.unref()
    free.set(worker, timer)
  }

  const takeFree = (): Worker => {
    const [found] = free.keys()
    if (!found) {
      const worker = new Worker(new URL('worker.ts', import.meta.url), { smol: true })
      worker.unref()
      return worker
    }
    clearTimeout(free.get(found))
    free.delete(found)
    return found
  }

  const run = ({ asked, timeout, done }: Job): void => {
    running++
    const worker = takeFree()
    const listening = new AbortController()
    const until = performance.now() + timeout
    const before = process.memoryUsage.rss()
    const end = (read: Read, leave: (worker: Worker) => void): void => {
      clearInterval(timer)
      listening.abort()
      running--
      leave(worker)
      done(read)
      const next = waiting.shift()
      if (next) run(next)
    }
    const timer = setInterval(
      () => {
        if (performance.now() > until) end({ failed: 'slow' }, dismiss)
        else if (process.memoryUsage.rss() - before > mostGrowth) end({ failed: 'vast' }, dismiss)
      },
      Math.min(look, timeout),
    )
    const { signal } = listening
    worker.addEventListener('message', ({ data }: MessageEvent<Read>) => end(data, rest), {
      signal,
    })
    worker.addEventListener(
      'error',
      (event) => {
        event.preventDefault()
        end({ failed: 'broken' }, dismiss)
      },
      { signal },
    )
    worker.postMessage(asked, [])
  }

  return {
    /** @param timeout milliseconds of work, the time in line not counted */
    read: (asked: Asked, timeout: number): Promise<Read> =>
      new Promise((done) => {
        const job = { asked, timeout, done }
        if (running < most) run(job)
        else if (waiting.length < mostWaiting) waiting.push(job)
        else done({ failed: 'busy' })
      }),
    close(): void {
      closed = true
      for (const worker of free.keys()) dismiss(worker)
    },
  }
}

export type Workers = ReturnType<typeof createWorkers>
