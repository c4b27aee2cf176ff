import { styleText } from 'node:util'
import { statuses } from '../../catalog/listing/wire-endpoint.ts'
import { isObject, listOf, objectOf, type Fields } from '../../fields.ts'

/** How it is to look. */
export interface Look {
  /** Characters of a line; without it, lines may be of any length. */
  readonly width: number | undefined
  readonly colours: boolean
  /** Whether the list comes from a daemon, which has seen its endpoints at work. */
  readonly seen: boolean
}

/** What a terminal would take for more than text is none of a provider's business. */
const plain = (text: unknown): string => String(text).replaceAll(/\p{Cc}/gu, '?')

const million = 1_000_000

/** The digits of a price that say something. */
const dollars = (text: unknown): string =>
  Number(text) < 0 ? 'unpriced' : `$${Number((Number(text) * million).toPrecision(6))}`

const priceOf = ({ pricing, architecture }: Fields): string => {
  if (objectOf(architecture).tokenizer === 'Router') return 'varies'
  const { prompt, completion } = objectOf(pricing)
  if (Number(prompt) === 0 && Number(completion) === 0) return 'free'
  if (Number(prompt) < 0 && Number(completion) < 0) return 'unpriced'
  return `${dollars(prompt)} / ${dollars(completion)}`
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

const mostNames = 3

const providersOf = (endpoints: readonly Fields[]): string => {
  const names = [...new Set(endpoints.map(({ tag }) => plain(tag)))]
  const more = names.length - mostNames
  return [...names.slice(0, mostNames), ...(more > 0 ? [`${more} more`] : [])].join(', ')
}

const wordOf = ({ status }: Fields): string =>
  Object.entries(statuses).find(([known]) => Number(known) === status)?.[1] ?? plain(status)

const healthOf = (endpoints: readonly Fields[]): string => {
  const [first] = endpoints
  if (!first) return '-'
  const well = endpoints.filter(({ status }) => status === 0).length
  const tried = endpoints.some(({ uptime_last_1d: uptime }) => typeof uptime === 'number')
  if (well === endpoints.length) return tried ? 'well' : 'untried'
  return well > 0 ? `${well} of ${endpoints.length} well` : wordOf(first)
}

const rowOf = (model: Fields, { seen }: Look): readonly string[] => {
  const endpoints = listOf(model.endpoints).filter(isObject)
  const { context_length: context } = model
  return [
    plain(model.id),
    priceOf(model),
    typeof context === 'number' ? compact.format(context) : '-',
    providersOf(endpoints) || '-',
    ...(seen ? [healthOf(endpoints)] : []),
  ]
}

const heads = ['model', '$ a million, in / out', 'context', 'providers', 'health']

const widthOf = (text: string): number => Bun.stringWidth(text)

const padded = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - widthOf(text)))

/** A table, or, where that is wider than the terminal, two lines for each model: no name is ever cut. */
export const modelTable = (models: readonly Fields[], look: Look): readonly string[] => {
  const { width = Infinity, colours, seen } = look
  const dim = (text: string) => (colours ? styleText('dim', text, { validateStream: false }) : text)
  const rows = models.map((model) => rowOf(model, look))
  const head = heads.slice(0, seen ? 5 : 4)
  const widths = head.map((text, at) =>
    Math.max(widthOf(text), ...rows.map((row) => widthOf(row[at] ?? ''))),
  )
  const whole = widths.reduce((sum, one) => sum + one + 2, -2)
  if (whole > width) return rows.flatMap(([id = '', ...rest]) => [id, dim(`  ${rest.join('  ')}`)])
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => padded(cell, widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return [dim(line(head)), ...rows.map(line)]
}
