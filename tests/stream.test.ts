import { expect, test } from 'bun:test'
import type { Chunk } from '../src/chat.ts'
import { eventText, keepText, wholeText } from '../src/kept.ts'
import { answer, answerWith, batchesOf, deferred, firstContent, type Batch } from '../src/stream.ts'

const says = (content: string): Chunk => ({ choices: [{ index: 0, delta: { content } }] })
const role: Chunk = { choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] }
const usage: Chunk = {
  choices: [],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
}
const [a, b, c] = [says('a'), says('b'), says('c')]

interface Source extends AsyncIterator<Batch> {
  /** How often a batch was asked for, and how often the source was told to stop. */
  readonly asked: number
  readonly returned: number
}

/** Batches by hand, so that every call of the protocol can be counted. */
const source = (steps: readonly (Batch | Error)[]): Source => {
  let asked = 0
  let returned = 0
  return {
    next: async () => {
      const step = steps[asked++]
      if (step instanceof Error) throw step
      return step ? { done: false, value: step } : { done: true, value: undefined }
    },
    return: async () => {
      returned++
      return { done: true, value: undefined }
    },
    get asked() {
      return asked
    },
    get returned() {
      return returned
    },
  }
}

const batch = (...chunks: Chunk[]): Batch => ({ chunks, bytes: new Uint8Array([chunks.length]) })

const drain = async (batches: AsyncIterator<Batch>): Promise<Batch[]> => {
  const all: Batch[] = []
  for (;;) {
    const { done, value } = await batches.next()
    if (done) return all
    all.push(value)
  }
}

test('an answer iterates as the chunks of its batches, in order', async () => {
  const chunks = await Array.fromAsync(answer(source([batch(a, b), batch(), batch(c)])))
  expect(chunks).toEqual([a, b, c])
})

test('an answer that nobody looked at travels as the batches it came in', () => {
  const batches = source([batch(a)])
  expect(batchesOf(answer(batches))).toBe(batches)
})

test('chunks of a plugin become a batch each, without bytes', async () => {
  const batches = batchesOf(
    (async function* plugin() {
      yield a
      yield b
    })(),
  )
  expect(await drain(batches)).toEqual([{ chunks: [a] }, { chunks: [b] }])
})

test('who stops reading chunks stops the batches', async () => {
  const batches = source([batch(a, b), batch(c)])
  for await (const chunk of answer(batches)) if (chunk === a) break
  expect([batches.asked, batches.returned]).toEqual([1, 1])
})

test('who stops reading batches stops the chunks', async () => {
  let stopped = false
  const batches = batchesOf(
    (async function* plugin() {
      try {
        yield a
        yield b
      } finally {
        stopped = true
      }
    })(),
  )
  await batches.next()
  await batches.return?.()
  expect(stopped).toBe(true)
})

test('what has ended or failed by itself is not told to stop', async () => {
  const ended = source([batch(a)])
  await Array.fromAsync(answer(ended))
  expect(ended.returned).toBe(0)

  const failed = source([batch(a), new Error('broken')])
  await expect(Array.fromAsync(answer(failed))).rejects.toThrow('broken')
  expect(failed.returned).toBe(0)
})

test('a single chunk is a whole answer', async () => {
  expect(await Array.fromAsync(answerWith(a))).toEqual([a])
  expect(await drain(batchesOf(answerWith(a)))).toEqual([{ chunks: [a] }])
})

test('the first content is waited for, and roles, empty reads and usage are none', async () => {
  const steps = [batch(role), batch(), batch(usage), batch(a), batch(b)]
  const batches = source(steps)
  const opened = await firstContent(answer(batches))
  expect(batches.asked).toBe(4)
  const all = await drain(batchesOf(opened))
  expect(all).toEqual(steps)
  expect(all.every((step, at) => step === steps[at])).toBe(true)
})

test('content may be of any kind', async () => {
  const deltas = [
    { reasoning: 'x' },
    { reasoning_content: 'x' },
    { refusal: 'x' },
    { tool_calls: [{ index: 0, id: 'call_1' }] },
    { audio: { id: 'x' } },
    { something_new: true },
  ]
  for (const delta of deltas) {
    const batches = source([batch({ choices: [{ index: 0, delta }] }), batch(a)])
    await firstContent(answer(batches))
    expect(batches.asked).toBe(1)
  }
  const legacy = source([batch({ choices: [{ index: 0, text: 'x' }] }), batch(a)])
  await firstContent(answer(legacy))
  expect(legacy.asked).toBe(1)
})

test('an answer that ends without content is handed on too', async () => {
  const opened = await firstContent(answer(source([batch(role)])))
  expect(await Array.fromAsync(opened)).toEqual([role])
})

test('a failure before the first content is thrown, and heard by nobody else', async () => {
  let heard: unknown
  const opening = firstContent(
    answer(source([batch(role), new Error('refused')])),
    (error) => (heard = error),
  )
  await expect(opening).rejects.toThrow('refused')
  expect(heard).toBeUndefined()
})

test('a failure after it is thrown where it happens, and heard', async () => {
  let heard: unknown
  const broken = new Error('broken')
  const opened = await firstContent(answer(source([batch(a), broken])), (error) => (heard = error))
  const batches = batchesOf(opened)
  expect((await batches.next()).value.chunks).toEqual([a])
  await expect(batches.next()).rejects.toThrow('broken')
  expect(heard).toBe(broken)
})

test('an opened answer can be stopped before and after what was read ahead', async () => {
  for (const reads of [0, 1, 2]) {
    const batches = source([batch(a), batch(b), batch(c)])
    const opened = batchesOf(await firstContent(answer(batches)))
    for (let n = 0; n < reads; n++) await opened.next()
    await opened.return?.()
    expect(batches.returned).toBe(1)
  }
})

test('an opened answer whose iterator is returned unread lets the provider go', async () => {
  // `return` on a generator that never ran skips its `finally`; matters for plugins that race two answers
  const batches = source([batch(a), batch(b)])
  const opened = await firstContent(answer(batches))
  await opened[Symbol.asyncIterator]().return?.()
  expect(batches.returned).toBe(1)
})

test('a deferred answer is chosen when it is first read, and once', async () => {
  let chosen = 0
  const batches = source([batch(a), batch(b)])
  const later = deferred(async () => {
    chosen++
    return answer(batches)
  })
  expect(chosen).toBe(0)
  const read = batchesOf(later)
  expect(chosen).toBe(0)
  const both = await Promise.all([read.next(), read.next()])
  expect(both.map(({ value }) => value.chunks)).toEqual([[a], [b]])
  expect(chosen).toBe(1)
  expect((await read.next()).done).toBe(true)
})

test('a deferred answer passes the bytes of the chosen one on', async () => {
  const steps = [batch(a), batch(b, c)]
  const all = await drain(batchesOf(deferred(async () => answer(source(steps)))))
  expect(all.every((step, at) => step === steps[at])).toBe(true)
})

test('a deferred answer that is given up unread is never chosen', async () => {
  let chosen = false
  const later = batchesOf(
    deferred(async () => {
      chosen = true
      return answerWith(a)
    }),
  )
  await later.return?.()
  expect(chosen).toBe(false)
})

test('a deferred answer that is given up while it is chosen stops the chosen one', async () => {
  const batches = source([batch(a)])
  const { promise, resolve } = Promise.withResolvers<void>()
  const later = batchesOf(
    deferred(async () => {
      await promise
      return answer(batches)
    }),
  )
  const reading = later.next()
  const stopping = later.return?.()
  resolve()
  await Promise.all([reading, stopping])
  expect(batches.returned).toBe(1)
})

test('a choice that fails fails the reader, and stopping afterwards is no error', async () => {
  const later = batchesOf(deferred(() => Promise.reject(new Error('no choice'))))
  await expect(later.next()).rejects.toThrow('no choice')
  await expect(later.next()).rejects.toThrow('no choice')
  expect(await later.return?.()).toEqual({ done: true, value: undefined })
})

test('a chunk keeps the text it came as, and a copy of it does not', () => {
  const event = keepText({ ...a }, '{ "kept": 1 }')
  expect(eventText(event)).toBe('{ "kept": 1 }')
  expect(wholeText(event)).toBeUndefined()
  expect(eventText({ ...event })).toBe(JSON.stringify(a))

  const whole = keepText({ ...a }, '{ "kept": 2 }', true)
  expect(wholeText(whole)).toBe('{ "kept": 2 }')
  expect(eventText(whole)).toBe(JSON.stringify(a))
  expect(wholeText({ ...whole })).toBeUndefined()
})
