import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import {
  answerHeaders,
  deferred,
  GatewayError,
  messageOf,
  reused,
  saidLast,
  type Answer,
  type Batch,
  type Call,
  type Chunk,
  type Handler,
  type Host,
} from 'sluice/plugin'
import { askedIn, familyOf, nameOf, type Asked } from './cassette.ts'
import { readCassette, written } from './cassette-file.ts'
import { differs } from './differs.ts'
import { toEntry, type Entry } from './entry.ts'
import { createFlights } from './flights.ts'
import { recordable, type AskedOptions, type Options } from './options.ts'
import { replayed } from './replay.ts'

/** Recordings that are compared with a request that has none. */
const mostCompared = 50

/** Bytes of an answer that can be recorded. */
const longest = 64 * 1024 * 1024

const unchanged = (batch: Batch, call: Call): Batch => {
  for (const chunk of batch.chunks) saidLast(call, chunk)
  return batch
}

const readText = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Answers that were recorded, each in a file that people can read; `record` makes those that are missing. */
export const createCassettes = (host: Host<AskedOptions>, options: Options, folder: string) => {
  const directory = host.path(folder)
  const flights = createFlights(longest, Infinity)
  const writing = new Map<string, Promise<void>>()
  const kept: ReadonlySet<string> = new Set(recordable)

  host.onClose(async () => {
    await Promise.all(writing.values())
  })

  const again = (call: Call, name: string, entry: Entry): Answer => {
    const { source, provider, model } = entry
    call.vars.set(reused, { source, provider, model })
    call.vars.get(answerHeaders)['x-sluice-cache'] = `recording; file=${name}`
    return replayed(entry, call, options.replay, unchanged)
  }

  const find = async (name: string) => {
    await writing.get(name)
    const text = await readText(join(directory, name))
    if (text === undefined) return undefined
    const cassette = readCassette(text)
    if (!cassette)
      throw new GatewayError('recording_not_found', {
        message: `The recording ${name} cannot be read: the file is damaged or was edited.`,
      })
    return cassette
  }

  /** The recording that is most like it, and where they differ. */
  const nearestTo = async (asked: Asked) => {
    const names = (await readdir(directory).catch(() => []))
      .filter((name) => name.startsWith(`${asked.operation}-`) && name.endsWith('.yaml'))
      .toSorted()
    const family = familyOf(asked)
    const likely = names.toSorted(
      (one, other) => Number(other.startsWith(family)) - Number(one.startsWith(family)),
    )
    let nearest: { readonly name: string; readonly fields: readonly string[] } | undefined
    for (const name of likely.slice(0, mostCompared)) {
      const text = await readText(join(directory, name))
      const cassette = text === undefined ? undefined : readCassette(text)
      if (!cassette) continue
      const fields = differs(cassette, asked)
      if (!nearest || fields.length < nearest.fields.length) nearest = { name, fields }
    }
    return nearest
  }

  const missing = async (asked: Asked): Promise<GatewayError> => {
    const nearest = await nearestTo(asked)
    if (!nearest) return new GatewayError('recording_not_found')
    const { name, fields } = nearest
    return new GatewayError('recording_not_found', {
      message: `Nothing was recorded for this request. The nearest recording, ${name}, differs in: ${fields.join(', ')}.`,
      metadata: { nearest: name, differs: fields },
    })
  }

  const write = async (name: string, text: string): Promise<void> => {
    try {
      await mkdir(directory, { recursive: true })
      const file = join(directory, name)
      await Bun.write(`${file}.new`, text)
      await rename(`${file}.new`, file)
    } catch (error) {
      host.log.error('a recording could not be written', { name, reason: messageOf(error) })
    }
  }

  const record = (name: string, asked: Asked, call: Call, next: Handler): Answer =>
    flights.lead(name, call, next, async (came) => {
      const work = write(name, written({ ...asked, answer: toEntry(call, came, 0) }))
      writing.set(name, work)
      await work
      if (writing.get(name) === work) writing.delete(name)
    })

  const choose = async (call: Call, next: Handler): Promise<AsyncIterable<Chunk>> => {
    const asked = askedIn(call)
    const name = nameOf(asked)
    const replays = options.mode === 'replay'
    if (replays || options.record === 'new') {
      const found = await find(name)
      if (found) return again(call, name, found.answer)
    }
    if (replays) throw await missing(asked)
    return record(name, asked, call, next)
  }

  return (call: Call, next: Handler): AsyncIterable<Chunk> => {
    if (kept.has(call.operation)) return deferred(() => choose(call, next))
    if (options.mode === 'record') return next(call)
    throw new GatewayError('recording_not_found', {
      message: `Answers to ${call.operation} are not recorded.`,
    })
  }
}
