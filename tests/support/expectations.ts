import { expect } from 'bun:test'
import type { Answer, Lab } from './lab.ts'

/** `toMatchObject` on a copy, for Bun 1.4.5 writes the matchers into what it was given. */
export const expectShape = (received: unknown, shape: object): void =>
  expect(structuredClone(received)).toMatchObject(shape)

/** A healthy answer of one provider: the text, its name, usage once, and nothing of anybody else. */
export const expectAnswer = (
  answer: Answer,
  expected: { text: string; provider?: string; attempts?: number },
): void => {
  expect(answer.error).toBeUndefined()
  expect(answer.status).toBe(200)
  expect(answer.text).toBe(expected.text)
  expect(answer.headers.get('x-request-id')).toBeString()
  expect(answer.headers.get('x-generation-id')).toStartWith('gen-')
  if (expected.attempts !== undefined) {
    expect(answer.headers.get('x-sluice-attempts')).toBe(String(expected.attempts))
  }
  expectShape(answer.usage, {
    prompt_tokens: expect.any(Number),
    total_tokens: expect.any(Number),
  })
  if (answer.stream === undefined) {
    if (expected.provider !== undefined) expect(answer.json.provider).toBe(expected.provider)
    return
  }
  const { events } = answer.stream
  if (expected.provider !== undefined) expect(events[0].provider).toBe(expected.provider)
  expect(new Set(events.map((event) => event.id)).size).toBe(1)
  expect(
    events.filter((event) => event.choices.some((choice: any) => choice.finish_reason)).length,
  ).toBe(1)
  expectUsageLast(answer)
}

/** Usage comes once, in an event without choices just before `[DONE]`. */
export const expectUsageLast = (answer: Answer): void => {
  const events = answer.stream?.events ?? []
  expect(events.filter((event) => event.usage)).toHaveLength(1)
  expectShape(events.at(-1), { object: 'chat.completion.chunk', choices: [], usage: {} })
}

export interface ExpectedError {
  readonly status: number
  readonly code: string
  readonly type?: string
  /** `x-should-retry`; not looked at when left out. */
  readonly retry?: boolean
  /** Seconds; a pair is a range. */
  readonly retryAfter?: number | readonly [from: number, to: number]
  /** How many sends it took; 0 for what never went upstream. */
  readonly attempts?: number
}

/** An error body as every client is promised it, with nothing secret or foreign in it. */
export const expectError = (answer: Answer, expected: ExpectedError): void => {
  expect({ status: answer.status, code: answer.error?.code }).toEqual({
    status: expected.status,
    code: expected.code,
  })
  expect(answer.headers.get('content-type')).toStartWith('application/json')
  const id = answer.headers.get('x-request-id')
  const advice = answer.headers.get('x-should-retry')
  expect(id).toBeString()
  expect(answer.json).toEqual({
    error: {
      message: expect.any(String),
      type: expected.type ?? expect.any(String),
      param: answer.error.param === null ? null : expect.any(String),
      code: expected.code,
      metadata: expect.objectContaining({ error_type: expect.any(String), request_id: id }),
      ...(answer.error.availability && {
        availability: expect.objectContaining({
          code: expect.any(String),
          retryable: advice === 'true',
          requested_models: expect.any(Array),
        }),
      }),
    },
  })
  expect(advice).toBeOneOf(['true', 'false'])
  if (expected.retry !== undefined) expect(advice).toBe(String(expected.retry))
  if (expected.retryAfter !== undefined) expectRetryAfter(answer, expected.retryAfter)
  if (expected.attempts !== undefined) expectAttempts(answer, expected.attempts)
  expectNothingLeaked(answer)
}

const expectRetryAfter = (
  { headers }: Answer,
  expected: number | readonly [number, number],
): void => {
  const [from, to] = typeof expected === 'number' ? [expected, expected] : expected
  const seconds = headers.get('retry-after')
  const milliseconds = headers.get('retry-after-ms')
  expect(seconds).toMatch(/^\d+$/)
  expect(milliseconds).toMatch(/^\d+$/)
  expect(Number(seconds)).toBeWithin(from, to + 1)
  expect(Number(milliseconds)).toBeWithin(from * 1000 - 999, to * 1000 + 1)
}

const expectAttempts = ({ headers, error }: Answer, count: number): void => {
  expect(headers.get('x-sluice-attempts')).toBe(String(count))
  if (count === 0) return
  expect(error.metadata.attempts).toHaveLength(count)
  for (const attempt of error.metadata.attempts) {
    expect(attempt).toEqual({
      provider: expect.any(String),
      model: expect.any(String),
      status: expect.any(Number),
      code: expect.any(String),
      ms: expect.any(Number),
    })
  }
}

/** No provider key, no page of a CDN, no address of a provider. */
export const expectNothingLeaked = (answer: Answer): void => {
  for (const secret of ['sk-provider', 'SCRIPTED-PAGE', '127.0.0.1', 'SECRET']) {
    expect(answer.raw).not.toContain(secret)
  }
}

/** The in-band error of a stream that had begun: a finishing chunk with the error, then `[DONE]`. */
export const expectInBand = (
  answer: Answer,
  expected: { code: string; type?: string; text?: string },
): void => {
  expect(answer.status).toBe(200)
  const events = answer.stream?.events ?? []
  expectShape(events.at(-1), {
    id: expect.any(String),
    object: 'chat.completion.chunk',
    created: expect.any(Number),
    model: expect.any(String),
    choices: [{ index: 0, delta: {}, finish_reason: 'error' }],
    error: {
      message: expect.any(String),
      type: expected.type ?? expect.any(String),
      code: expected.code,
      metadata: { error_type: expect.any(String), request_id: expect.any(String) },
    },
  })
  expect(events.filter((event) => event.error)).toHaveLength(1)
  expect(
    events.flatMap((event) => event.choices).filter((choice) => choice.finish_reason),
  ).toHaveLength(1)
  if (expected.text !== undefined) expect(answer.text).toBe(expected.text)
  expectNothingLeaked(answer)
}

/** After first content nobody else is asked, ever. */
export const expectNoFailover = ({ b, c }: Lab): void => {
  expect([b.requests.length, c.requests.length]).toEqual([0, 0])
}
