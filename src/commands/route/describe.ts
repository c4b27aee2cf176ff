import type { Pricing } from '../../catalog/pricing.ts'
import type { Choice, Decision } from '../../router/choice/decision.ts'

const most = 50

/** Columns as wide as their widest cell, the last as it is. */
const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  )
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

const shortened = (lines: readonly string[]): string[] =>
  lines.length > most ? [...lines.slice(0, most), `… and ${lines.length - most} more`] : [...lines]

/** Dollars with three digits that say something. */
const dollars = (amount: number): string => `$${Number(amount.toPrecision(3))}`

const priceOf = (pricing: Pricing | undefined): string => {
  const { prompt, completion } = pricing ?? {}
  if (prompt === undefined || completion === undefined) return 'unpriced'
  return prompt === 0 && completion === 0 ? 'free' : `${dollars(prompt)} / ${dollars(completion)}`
}

/** `0.42 s, 61 tok/s`, at the median. */
const speedOf = ({ latency, throughput }: Choice): string =>
  [
    latency ? `${latency.p50.toPrecision(2)} s` : '',
    throughput ? `${Math.round(throughput.p50)} tok/s` : '',
  ]
    .filter(Boolean)
    .join(', ') || '-'

const rowOf = (choice: Choice): string[] => [
  choice.endpoint,
  choice.model,
  priceOf(choice.pricing),
  choice.cost === undefined ? '-' : dollars(choice.cost),
  String(choice.context_length ?? '-'),
  String(choice.max_completion_tokens ?? '-'),
  speedOf(choice),
  [...choice.notes, ...(choice.parameters ?? []).map((name) => `sets ${name}`)].join(', '),
]

const heads = [
  'endpoint',
  'model',
  'price a million',
  'this call',
  'context',
  'answer',
  'measured',
  'notes',
]

const options = ({
  options: { balance, hedge, when_full, max_wait, sticky },
  fallbacks,
}: Decision) =>
  [
    fallbacks ? 'the next is asked when one fails' : 'nobody else is asked when one fails',
    balance === 'price' ? 'balanced by price' : '',
    hedge
      ? `a second is asked after ${typeof hedge.after === 'number' ? `${hedge.after} ms` : hedge.after}`
      : '',
    when_full === 'wait'
      ? `waits for a full one${max_wait === undefined ? '' : ` up to ${max_wait} ms`}`
      : '',
    sticky === false ? 'conversations do not return to their endpoint' : '',
  ]
    .filter(Boolean)
    .join('; ')

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`)

const caveat = {
  fresh: 'Nothing is measured yet in a process of its own: --url asks a running daemon.',
  running: '',
}

/** The decision for a person. @param from whether the one who decided has seen other calls */
export const describeDecision = (decision: Decision, from: keyof typeof caveat): string => {
  const { requested, strategy, summary, candidates, offline, excluded } = decision
  const rows = candidates.map((choice, at) => [`${at + 1}`, ...rowOf(choice)])
  const out = excluded.map(({ endpoint, by, detail }) => [endpoint, by, detail])
  return [
    [`${requested.join(', ')}  (${strategy})`, ...(summary ? indented([summary]) : [])],
    indented(shortened(table([['', ...heads], ...rows]))),
    offline ? [`offline: ${offline.endpoint}`] : [],
    out.length > 0 ? ['excluded', ...indented(shortened(table(out)))] : [],
    [options(decision), caveat[from]].filter(Boolean),
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}
