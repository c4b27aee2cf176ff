import { objectOf, type Fields } from '../../fields.ts'
import type { Chunk } from '../../chat.ts'
import { itemsOf, nativeOf } from '../../formats/responses/origin.ts'
import { nestedNames } from '../../formats/responses/names.ts'
import { fromUsage, statusOf, textOf } from '../../formats/responses.ts'
import { keptIn, lastWords } from '../../kept.ts'
import type { Batch } from '../../stream.ts'
import type { EventWriter, Wire } from '../surface.ts'
import { createAuthor, type Author } from './author.ts'
import { echoOf } from './echo.ts'
import { toFailure } from './error.ts'
import { createForeign, follow } from './follow.ts'
import { inputItems, remember } from './history.ts'
import { createPen, type Pen } from './pen.ts'
import { randomBase } from './sheet.ts'

const seconds = (): number => Math.floor(Date.now() / 1_000)

/** The body that the client sent, if it was one of this format. */
export const bodyOf = ({ call }: Wire): Fields =>
  call?.source?.format === 'responses' ? call.source.json.value : {}

/** @param fixed what would otherwise differ each time: what the ids begin with, and the seconds */
export const authorFor = (
  wire: Wire,
  pen: Pen,
  { base = randomBase(), now = seconds }: { base?: string; now?: () => number } = {},
): Author => {
  const body = bodyOf(wire)
  return createAuthor({
    pen,
    base,
    echo: echoOf(body),
    nested: nestedNames(body.tools),
    summaries: typeof objectOf(body.reasoning).summary === 'string',
    id: `resp_${base}00`,
    model: wire.model ?? '',
    now,
  })
}

/** Keeps what the client may refer to later, unless it asked not to. */
export const keepResponse = (wire: Wire, response: Fields): void => {
  const { place, call } = wire
  const body = bodyOf(wire)
  if (!place || !call || body.store === false) return
  remember(place, response, itemsOf(call.source?.request ?? {}) ?? inputItems(body.input))
}

/** What the provider said of its response's end, as far as it still holds. */
export const lastSaid = (wire: Wire, author: Author): Fields => {
  const words = wire.call?.vars.get(lastWords)
  if (words?.format !== 'responses') return {}
  const native = nativeOf(words.chunk) ?? {}
  const response = words.whole ? native : objectOf(native.response)
  const [before] = words.chunk.choices ?? []
  const { status, incomplete_details, usage, ...rest } = response
  const counted = author.usage
  const same = counted === undefined || Bun.deepEquals(counted, words.chunk.usage)
  const ended = before?.finish_reason === author.finish
  const ending = statusOf(author.finish)
  return {
    ...rest,
    status: ended ? status : ending.status,
    incomplete_details: ended ? incomplete_details : ending.incomplete_details,
    usage: same ? usage : { ...objectOf(usage), ...fromUsage(counted) },
  }
}

/**
 * The stream of a response's events. As long as nobody changed one, a provider's own pass as they came; from the first
 * change on, all of them are written here, for each text is repeated in the events that end it.
 */
export const responsesEvents = (wire: Wire): EventWriter => {
  const pen = createPen()
  const author = authorFor(wire, pen)
  const foreign = createForeign(author)
  /** Whether the provider's events no longer pass. */
  let own = false
  /** The provider's own last word. */
  let over: Fields | undefined

  const passed = (event: Fields, chunk: Chunk) => {
    follow(author, event, chunk)
    if (event.type !== 'response.completed' && event.type !== 'response.incomplete') return
    over = objectOf(event.response)
    // before the client can ask for it
    keepResponse(wire, over)
  }

  const one = (chunk: Chunk) => {
    if (over) return
    const kept = keptIn(chunk, 'responses')
    const event = kept && !kept.whole ? nativeOf(chunk) : undefined
    if (kept && event && !own) {
      pen.copy(kept.text, textOf(event.type) || kept.event, event.sequence_number)
      passed(event, chunk)
      return
    }
    own = true
    if (event) foreign(event, chunk)
    else author.add(chunk)
  }

  const takeBytes = (batch: Batch): boolean => {
    if (!batch.bytes || batch.format !== 'responses' || own || over) return false
    const events = batch.chunks.map(nativeOf)
    if (!events.every((event) => event !== undefined)) return false
    // an event by another name than its own is not waited for
    const named = batch.chunks.every((chunk, at) => {
      const name = keptIn(chunk, 'responses')?.event
      return name === undefined || name === events[at]?.type
    })
    if (!named) return false
    events.forEach((event, at) => {
      const chunk = batch.chunks[at]
      if (chunk) passed(event, chunk)
      pen.passed(event.sequence_number)
    })
    return true
  }

  return {
    batch(batch) {
      const { plain, bytes, framed } = batch
      const asCame = bytes ?? framed
      if (plain !== undefined && !over) {
        if (own || batch.format !== 'responses') {
          own = true
          author.say(plain)
          return pen.take()
        }
        if (asCame !== undefined) {
          author.messages.adoptText(plain, [])
          pen.passedRaw(asCame)
          return asCame
        }
      }
      if (takeBytes(batch)) return batch.bytes ?? ''
      for (const chunk of batch.chunks) one(chunk)
      return pen.take()
    },
    end() {
      if (!over) keepResponse(wire, author.end(lastSaid(wire, author)))
      // OpenAI’s streams end with the response, OpenRouter’s with one line more
      return wire.codes === 'status' ? `${pen.take()}data: [DONE]\n\n` : pen.take()
    },
    error(error) {
      if (!over) author.fail(toFailure(error))
      return wire.codes === 'status' ? `${pen.take()}data: [DONE]\n\n` : pen.take()
    },
  }
}
