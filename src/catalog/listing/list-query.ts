import { GatewayError } from '../../errors.ts'
import { didYouMean } from '../../nearest.ts'
import { orders, type Order } from './orders.ts'

/** From the least to the most, both included. */
export interface Range {
  readonly min: number | undefined
  readonly max: number | undefined
}

/** What a list of models is asked for, read from OpenRouter's query parameters. */
export interface ListQuery {
  readonly words: readonly string[]
  readonly supported_parameters: readonly string[]
  readonly input_modalities: readonly string[]
  /** Empty for all. */
  readonly output_modalities: readonly string[]
  readonly context: number | undefined
  /** Dollars of a million tokens. */
  readonly price: Range
  readonly output_price: Range
  readonly age_days: Range
  /** From 0 to 1. */
  readonly tool_success_rate: Range
  readonly model_authors: readonly string[]
  readonly providers: readonly string[]
  readonly arch: string | undefined
  readonly zdr: boolean
  readonly distillable: boolean | undefined
  readonly sort: Order | undefined
}

const wrong = (param: string, expected: string): GatewayError =>
  new GatewayError('invalid_request_error', { param, message: `${param}: expected ${expected}.` })

const written = (query: URLSearchParams, name: string): string | undefined =>
  query.get(name)?.trim() || undefined

const listIn = (query: URLSearchParams, name: string): readonly string[] =>
  query
    .getAll(name)
    .flatMap((text) => text.split(','))
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== '')

const number = (
  query: URLSearchParams,
  name: string,
  expected = 'a number from 0',
  fits: (number: number) => boolean = (number) => number >= 0,
): number | undefined => {
  const text = written(query, name)
  if (text === undefined) return undefined
  // what Number makes of 0x10 or 1e3 is nobody's price
  if (!/^\d+(\.\d+)?$/.test(text) || !fits(Number(text))) throw wrong(name, expected)
  return Number(text)
}

/** A whole number in a query, if there is one. */
export const wholeNumber = (query: URLSearchParams, name: string, least: number) =>
  number(
    query,
    name,
    `a whole number from ${least}`,
    (number) => Number.isSafeInteger(number) && number >= least,
  )

/** Whether a query says true; nothing where it does not say. */
export const flag = (query: URLSearchParams, name: string): boolean | undefined => {
  const text = written(query, name)
  if (text === undefined) return undefined
  if (text !== 'true' && text !== 'false') throw wrong(name, 'true or false')
  return text === 'true'
}

const orderIn = (query: URLSearchParams): Order | undefined => {
  const text = written(query, 'sort')
  const known = orders.find((order) => order === text)
  if (text !== undefined && !known)
    throw wrong('sort', `one of ${orders.join(', ')}${didYouMean(text, orders)}`)
  return known
}

const range = (
  query: URLSearchParams,
  name: string,
  read: (query: URLSearchParams, name: string) => number | undefined = number,
): Range => {
  const [min, max] = [read(query, `min_${name}`), read(query, `max_${name}`)]
  if (min !== undefined && max !== undefined && min > max)
    throw wrong(`min_${name}`, `no more than max_${name}`)
  return { min, max }
}

const days = (query: URLSearchParams, name: string) => wholeNumber(query, name, 0)
const share = (query: URLSearchParams, name: string) =>
  number(query, name, 'a number from 0 to 1', (number) => number <= 1)

/**
 * What a query asks for; parameters that nobody knows, or that only OpenRouter's market could answer, say nothing. Throws
 * `invalid_request_error`.
 * @param outputs what is meant where `output_modalities` is not given
 */
export const readListQuery = (query: URLSearchParams, outputs: string): ListQuery => {
  const made = listIn(query, 'output_modalities')
  const wanted = made.length > 0 ? made : [outputs]
  return {
    words: written(query, 'q')?.toLowerCase().split(/\s+/) ?? [],
    supported_parameters: listIn(query, 'supported_parameters'),
    input_modalities: listIn(query, 'input_modalities'),
    output_modalities: wanted.includes('all') ? [] : wanted,
    context: wholeNumber(query, 'context', 1),
    price: range(query, 'price'),
    output_price: range(query, 'output_price'),
    age_days: range(query, 'age_days', days),
    tool_success_rate: range(query, 'tool_success_rate', share),
    model_authors: listIn(query, 'model_authors'),
    providers: listIn(query, 'providers'),
    arch: written(query, 'arch')?.toLowerCase(),
    zdr: flag(query, 'zdr') ?? false,
    distillable: flag(query, 'distillable'),
    sort: orderIn(query),
  }
}
