import { createParser } from 'eventsource-parser'

export interface Event {
  readonly event: string | undefined
  readonly data: string
  /** Parsed; undefined when it is no JSON. */
  readonly json: any
}

const tryParse = (text: string): any => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The events of a stream; comments are left out. */
export const eventsIn = (text: string): Event[] => {
  const events: Event[] = []
  const parser = createParser({
    onEvent: ({ event, data }) => events.push({ event, data, json: tryParse(data) }),
  })
  parser.feed(text)
  return events
}

export const linesIn = (text: string): any[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map(tryParse)

/** Collects what is wrong. */
export const createRules = () => {
  const mistakes: string[] = []
  return {
    mistakes,
    must(right: unknown, rule: string): void {
      if (!right) mistakes.push(rule)
    },
  }
}

export type Rules = ReturnType<typeof createRules>
