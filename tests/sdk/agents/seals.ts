import { fixture, type Scenario } from '../../support/fixtures.ts'
import { valuesOf } from '../../support/fixtures-strict.ts'
import { dialectOf, type Kind } from './desk.ts'

const fieldOf = {
  anthropic: ['signature', 'data'],
  router: ['signature', 'data'],
  gemini: ['thoughtSignature'],
  responses: ['encrypted_content'],
  openai: [],
} as const satisfies Readonly<Record<Kind, readonly string[]>>

const images = (value: unknown): boolean => typeof value === 'string' && value.length > 60

/** The signatures and sealed thoughts within a body of that kind of provider, in order. */
export const sealsIn = (kind: Kind, value: unknown): unknown[] =>
  fieldOf[kind].flatMap((field) => valuesOf(value, field)).filter(images)

/** Those that an answer of the provider’s held. */
export const sealsOf = (kind: Kind, scenario: Scenario): unknown[] =>
  kind === 'openai' ? [] : sealsIn(kind, JSON.parse(fixture(dialectOf(kind), scenario).json))
