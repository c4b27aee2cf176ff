import { isObject, listOf, objectOf, type Fields } from '../../fields.ts'
import { textOf } from '../../formats/responses.ts'
import type { ItemStatus, Sheet } from './sheet.ts'

type Kind = 'output_text' | 'refusal'

interface OpenPart {
  readonly kind: Kind
  text: string
  readonly annotations: Fields[]
  readonly logprobs: Fields[]
  /** The answer's text before it, in characters. */
  readonly before: number
  /** The rest of a delta's JSON before its text. */
  readonly head: string
}

interface OpenMessage {
  readonly index: number
  readonly item: Fields
  readonly parts: Fields[]
  part: OpenPart | undefined
}

const done = ({ kind, text, annotations, logprobs }: OpenPart): Fields =>
  kind === 'refusal' ? { type: kind, refusal: text } : { type: kind, text, annotations, logprobs }

const deltas = { output_text: 'response.output_text.delta', refusal: 'response.refusal.delta' }

/** The tokens' log probabilities as a delta has them, without bytes. */
const inDelta = (logprobs: readonly Fields[]): Fields[] =>
  logprobs.map(({ token, logprob, top_logprobs }) => ({
    token,
    logprob,
    top_logprobs: listOf(top_logprobs).map((top) => ({
      token: objectOf(top).token,
      logprob: objectOf(top).logprob,
    })),
  }))

const withBytes = (token: Fields): Fields => ({
  token: token.token,
  logprob: token.logprob,
  bytes: token.bytes ?? [],
})

/** Chat completions' log probabilities as those of a part. */
const fromLogprobs = (logprobs: unknown): Fields[] =>
  listOf(objectOf(logprobs).content)
    .filter(isObject)
    .map((token) => ({
      ...withBytes(token),
      top_logprobs: listOf(token.top_logprobs).filter(isObject).map(withBytes),
    }))

/** An annotation in this format, placed in its part. */
const fromAnnotation = (annotation: Fields, before: number): Fields => {
  const cited = annotation.url_citation
  if (!isObject(cited)) return annotation
  const place = (index: unknown) =>
    Math.max(0, (typeof index === 'number' ? index : before) - before)
  return {
    type: 'url_citation',
    url: textOf(cited.url),
    title: textOf(cited.title),
    start_index: place(cited.start_index),
    end_index: place(cited.end_index),
    ...(typeof cited.content === 'string' && { content: cited.content }),
  }
}

/** The messages of an answer, of which one at most is open. */
export const createMessages = (sheet: Sheet) => {
  const { pen } = sheet
  let open: OpenMessage | undefined
  let spoken = 0
  /** What the provider said of the item that it is about to write. */
  let next: Fields | undefined

  const openMessage = (): OpenMessage => {
    if (open) return open
    const item = {
      type: 'message',
      role: 'assistant',
      ...next,
      id: sheet.idAsGiven(next?.id) ?? sheet.id('msg'),
    }
    next = undefined
    const index = sheet.begin({ ...item, status: 'in_progress', content: [] })
    return (open = { index, item, parts: [], part: undefined })
  }

  const makePart = (message: OpenMessage, kind: Kind): OpenPart => ({
    kind,
    text: '',
    annotations: [],
    logprobs: [],
    before: spoken,
    head:
      `,"item_id":${JSON.stringify(message.item.id)},"output_index":${message.index}` +
      `,"content_index":${message.parts.length}`,
  })

  const placeOf = ({ index, item, parts }: OpenMessage) => ({
    item_id: item.id,
    output_index: index,
    content_index: parts.length,
  })

  const closePart = () => {
    if (!open?.part) return
    const { part } = open
    const place = placeOf(open)
    if (part.kind === 'refusal') pen.say('response.refusal.done', { ...place, refusal: part.text })
    else
      pen.say('response.output_text.done', {
        ...place,
        text: part.text,
        logprobs: inDelta(part.logprobs),
      })
    const whole = done(part)
    pen.say('response.content_part.done', { ...place, part: whole })
    open.parts.push(whole)
    open.part = undefined
  }

  const partOf = (kind: Kind): OpenPart => {
    const message = openMessage()
    if (message.part?.kind === kind) return message.part
    closePart()
    const part = makePart(message, kind)
    pen.say('response.content_part.added', { ...placeOf(message), part: done(part) })
    return (message.part = part)
  }

  const grow = (part: OpenPart, text: string) => {
    part.text += text
    if (part.kind === 'output_text') spoken += text.length
  }

  return {
    say(kind: Kind, text: string, logprobs?: unknown): void {
      const part = partOf(kind)
      grow(part, text)
      const tokens = logprobs === undefined ? [] : fromLogprobs(logprobs)
      if (tokens.length > 0) part.logprobs.push(...tokens)
      const rest = kind === 'refusal' ? '' : `,"logprobs":${JSON.stringify(inDelta(tokens))}`
      pen.sayJson(deltas[kind], `${part.head},"delta":${JSON.stringify(text)}${rest}`)
    },
    annotate(annotation: Fields): void {
      const part = partOf('output_text')
      const made = fromAnnotation(annotation, part.before)
      if (open)
        pen.say('response.output_text.annotation.added', {
          ...placeOf(open),
          annotation_index: part.annotations.length,
          annotation: made,
        })
      part.annotations.push(made)
    },
    close(status: ItemStatus = 'completed'): void {
      if (!open) return
      closePart()
      sheet.finish(open.index, { ...open.item, status, content: open.parts })
      open = undefined
    },
    /** Says of the next message what the provider did. */
    announce(item: Fields): void {
      next = withoutState(item)
    },
    /** The provider began a message itself. */
    adopt(index: number, item: Fields): void {
      sheet.put(index, undefined)
      open = { index, item: withoutState(item), parts: [], part: undefined }
    },
    adoptPart(part: unknown): void {
      if (!open) return
      const kind = objectOf(part).type === 'refusal' ? 'refusal' : 'output_text'
      open.part = makePart(open, kind)
    },
    adoptText(text: string, logprobs: unknown): void {
      if (!open?.part) return
      grow(open.part, text)
      open.part.logprobs.push(...listOf(logprobs).filter(isObject).map(withBytes))
    },
    adoptAnnotation(annotation: unknown): void {
      if (isObject(annotation)) open?.part?.annotations.push(annotation)
    },
    adoptPartEnd(part: unknown): void {
      if (!open) return
      open.parts.push(objectOf(part))
      open.part = undefined
    },
    adoptEnd(index: number): void {
      if (open?.index === index) open = undefined
    },
  }
}

const withoutState = ({ status: _status, content: _content, ...item }: Fields): Fields => item
