import { asChunks, blamed, checkedBatches } from './blame.ts'
import type { Call, Chunk, Handler, Middleware } from '../../chat.ts'
import { GatewayError } from '../../errors.ts'
import { follow, type Followed, type Hearing } from './followed.ts'
import { log, traceOf } from '../../log.ts'
import { createOwnTime } from './own-time.ts'
import { pause } from '../../pause.ts'
import { answer, batchesOf, finished, type Batch } from '../../stream.ts'
import { key } from '../../pipeline.ts'
import type { Supervision } from './supervision.ts'
import { notices, type Timing } from '../../told.ts'

/** Those who take the time of plugins, by name. */
const hearings = key<Map<string, Hearing>>('hearings', () => new Map())

/** What a plugin asked for beside its call: the time in which it waits for that is not its own. */
export const errand = (plugin: string, call: Call, asked: AsyncIterable<Chunk>) => {
  const hearing = call.vars.get(hearings).get(plugin)
  return hearing ? follow(asked, false, hearing).answer : asked
}

/** Pieces that a plugin may hand on before everybody else has a turn. */
const pieces = 256

/** Ends an iterator without waiting for it: it may never end. */
const leave = async (batches: AsyncIterator<Batch> | undefined) => {
  await batches?.return?.()
}

const tooLong = (plugin: string, phase: 'request' | 'chunk', limit: number) =>
  new GatewayError('plugin_error', {
    message:
      phase === 'request'
        ? `The plugin ${plugin} did not pass the request on within ${limit} ms.`
        : `The plugin ${plugin} took more than ${limit} ms for a piece of the answer.`,
    metadata: { plugin, phase },
  })

/**
 * One call through a middleware whose own time is taken, and without which the call may go on. What it hands on as it
 * got it is not wrapped.
 */
export const supervised = (
  plugin: string,
  middleware: Middleware,
  { skip, ...limits }: Supervision,
  timing: Timing | undefined,
  call: Call,
  next: Handler,
): AsyncIterable<Chunk> => {
  const inner: Followed[] = []
  const passing: unknown[] = []
  const errands: unknown[] = []
  const pending = new Set<(thrown: unknown, own: boolean) => void>()
  let phase: 'request' | 'chunk' = 'request'
  let pulls = 0
  let waits = 0
  let handed = 0
  let over = false
  let isOut = false
  let batches: AsyncIterator<Batch> | undefined
  let instead: AsyncIterator<Batch> | undefined

  const time = createOwnTime(
    () => {
      const error = tooLong(plugin, phase, limits[phase])
      for (const fail of pending) fail(error, true)
    },
    timing && ((ms) => void (timing.ms += ms)),
  )
  const tell = (change: () => void) => {
    change()
    if (pulls > 0 && waits === 0) time.start(limits[phase])
    else time.stop()
  }
  const waiting = () => tell(() => waits++)
  const going = () => tell(() => waits--)
  const hearing: Hearing = {
    waits() {
      phase = 'chunk'
      waiting()
    },
    goesOn: going,
    failed: (error: unknown) => void passing.push(error),
  }

  call.vars.get(hearings).set(plugin, {
    waits: waiting,
    goesOn: going,
    failed: (error) => void errands.push(error),
  })

  const settle = () => {
    for (const one of inner) one.settle()
  }

  const ask: Handler = (given) => {
    if (isOut) throw new Error('the call went on without this plugin')
    settle()
    waiting()
    try {
      const followed = follow(next(given), skip && handed === 0, hearing)
      inner.push(followed)
      return followed.answer
    } finally {
      going()
    }
  }

  /** What comes instead of the plugin's answer. Throws where nothing can. */
  const without = (thrown: unknown, own: boolean): AsyncIterator<Batch> => {
    const isMeant = thrown instanceof GatewayError && !errands.includes(thrown)
    const isOwn = own || !(isMeant || passing.includes(thrown))
    const mayGoOn = isOwn && skip && handed === 0 && !over
    leave(batches).catch(() => undefined)
    const last = mayGoOn ? inner.pop() : undefined
    for (const one of inner)
      if (isOwn) one.stop()
      else one.settle()
    over = !mayGoOn
    isOut = isOwn
    if (!mayGoOn) throw isOwn ? blamed(thrown, plugin) : thrown
    const notice = `${plugin}: failed; the call goes on without it`
    const told = call.vars.get(notices)
    if (!told.includes(notice)) told.push(notice)
    log.getChild(plugin).warn('failed; the call goes on without it', {
      id: call.id,
      ...(thrown instanceof GatewayError ? { why: thrown.message } : { stack: traceOf(thrown) }),
    })
    return last ? last.again() : batchesOf(next(call))
  }

  const took = (result: IteratorResult<Batch>): IteratorResult<Batch> => {
    if (result.done) over = true
    else {
      phase = 'chunk'
      if (timing) timing.pieces++
    }
    if (handed++ === 0 || result.done) settle()
    return result
  }

  /** Runs a step of the plugin's until it settles or is found to be late. */
  const step = (
    begin: () => Promise<IteratorResult<Batch>>,
    failed: (thrown: unknown, own: boolean) => Promise<IteratorResult<Batch>>,
  ) =>
    new Promise<IteratorResult<Batch>>((resolve) => {
      const settled = (give: () => IteratorResult<Batch> | Promise<IteratorResult<Batch>>) => {
        if (!pending.delete(fail)) return
        tell(() => pulls--)
        resolve(give())
      }
      const fail = (thrown: unknown, own: boolean) => settled(() => failed(thrown, own))
      pending.add(fail)
      tell(() => pulls++)
      try {
        begin().then(
          (result) => settled(() => took(result)),
          (thrown: unknown) => fail(thrown, false),
        )
      } catch (thrown) {
        fail(thrown, false)
      }
    })

  let made: unknown
  let slip: { readonly thrown: unknown } | undefined
  tell(() => pulls++)
  try {
    made = middleware(call, ask)
  } catch (thrown) {
    slip = { thrown }
  }
  tell(() => pulls--)
  const same = inner.find((one) => one.answer === made)
  if (same) {
    settle()
    return same.original
  }

  const begin = () => {
    if (slip) throw slip.thrown
    batches ??= checkedBatches(asChunks(made))
    return batches.next()
  }
  const goOn = async (thrown: unknown, own: boolean) => {
    instead ??= without(thrown, own)
    return instead.next()
  }
  const afterTurn = async () => {
    await pause()
    if (call.signal.aborted) without(new GatewayError('client_closed'), false)
    return step(begin, goOn)
  }

  return answer({
    next() {
      if (instead) return instead.next()
      if (over) return Promise.resolve(finished)
      return handed % pieces === pieces - 1 ? afterTurn() : step(begin, goOn)
    },
    async return() {
      if (instead) return instead.return?.() ?? finished
      if (over) return finished
      over = true
      const left = await step(
        async () => {
          await leave(batches)
          return finished
        },
        async (thrown) => {
          log.getChild(plugin).warn('failed to end', { id: call.id, stack: traceOf(thrown) })
          return finished
        },
      )
      settle()
      return left
    },
  })
}
