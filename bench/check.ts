import { stampMark, stampWidth, streamEvents, wholeAnswer, type Shape } from './fixture.ts'

interface Choice {
  readonly delta?: { readonly content?: string }
  readonly message?: { readonly content?: string }
  readonly finish_reason?: string | null
}

interface Answer {
  readonly choices: readonly Choice[]
  readonly usage?: { readonly completion_tokens?: number }
}

/** What must arrive, whatever a gateway adds or how it spells it. */
const meaningOf = (answers: readonly Answer[]): string => {
  const choices = answers.flatMap(({ choices }) => choices)
  const text = choices.map(({ delta, message }) => (delta ?? message)?.content ?? '').join('')
  const finish = choices.findLast(({ finish_reason }) => finish_reason)?.finish_reason
  const tokens = answers.findLast(({ usage }) => usage)?.usage?.completion_tokens
  return JSON.stringify({ text, finish, tokens })
}

const parseEvents = (text: string): Answer[] => {
  const events = text.split('\n\n')
  if (events.pop() !== '' || events.pop() !== 'data: [DONE]') throw new Error('no end')
  return events
    .filter((event) => !event.startsWith(':'))
    .map((event) => JSON.parse(event.slice('data: '.length)))
}

const stamps = new RegExp(`${stampMark}\\d{${stampWidth}}"`, 'g')
const unstamped = (text: string) => text.replace(stamps, `${stampMark}${'0'.repeat(stampWidth)}"`)

const wanted: Record<Shape, { readonly exact: Buffer; readonly meaning: string }> = {
  whole: {
    // all but the opening brace, behind which a gateway names the provider
    exact: Buffer.from(wholeAnswer.slice(1)),
    meaning: meaningOf([JSON.parse(wholeAnswer)]),
  },
  burst: {
    exact: Buffer.from(streamEvents('burst').slice(1, -3).join('')),
    meaning: meaningOf(parseEvents(streamEvents('burst').join(''))),
  },
  paced: {
    exact: Buffer.alloc(0),
    meaning: meaningOf(parseEvents(streamEvents('paced').join(''))),
  },
}

/** The most that a gateway may add to an answer, in bytes, before the quick look gives way to the thorough one. */
const slack = 256

const usageMark = `"completion_tokens":${JSON.parse(wholeAnswer).usage.completion_tokens}`
const done = Buffer.from('data: [DONE]\n\n')
const endsWith = (body: Buffer, end: Buffer) =>
  body.length >= end.length && body.compare(end, 0, end.length, body.length - end.length) === 0

/** Whether the answer is byte for byte the provider's, but for the places where a gateway writes. */
const isUntouched = (shape: Shape, body: Buffer): boolean => {
  const { exact } = wanted[shape]
  if (shape === 'whole') return endsWith(body, exact) && body.length <= exact.length + slack
  if (exact.length === 0 || !endsWith(body, done)) return false
  const first = body.indexOf('\n\n') + 2
  const rest = first + exact.length
  if (rest > body.length || body.compare(exact, 0, exact.length, first, rest) !== 0) return false
  const tail = body.toString('latin1', rest)
  return tail.includes('"finish_reason":"stop"') && tail.includes(usageMark)
}

/** What is wrong with an answer; nothing when every word, the finish and the usage are there. */
export const faultOf = (shape: Shape, status: number, body: Buffer): string | undefined => {
  if (status !== 200) return `status ${status}: ${body.toString('utf8', 0, 200)}`
  if (isUntouched(shape, body)) return undefined
  try {
    const text = body.toString()
    const answers = shape === 'whole' ? [JSON.parse(text)] : parseEvents(unstamped(text))
    return meaningOf(answers) === wanted[shape].meaning ? undefined : 'not what the provider said'
  } catch (error) {
    return `unreadable: ${String(error)}`
  }
}
