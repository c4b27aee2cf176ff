import { v } from 'sluice/plugin'

/** YAML's `off` may be read as `false`. */
const off = v.pipe(
  v.literal(false),
  v.transform(() => 'off' as const),
)

export const actions = ['mask', 'redact', 'block', 'flag', 'off'] as const
export type Action = (typeof actions)[number]

export const action = v.union(
  [v.picklist(actions), off],
  `expected ${actions.map((name) => `"${name}"`).join(', ')}`,
)

const answerActions = ['redact', 'flag', 'off'] as const
export type AnswerAction = (typeof answerActions)[number]

export const answerAction = v.union(
  [v.picklist(answerActions), off],
  `expected ${answerActions.map((name) => `"${name}"`).join(', ')}`,
)

const ranks: Readonly<Record<Action, number>> = { off: 0, flag: 1, mask: 2, redact: 3, block: 4 }

/** Whether the first of two actions counts where both would. */
export const isStricter = (one: Action, other: Action): boolean => ranks[one] > ranks[other]

/** OpenRouter's words where it has them; kinds of the user's own have none. */
const words: Readonly<Record<string, string>> = {
  address: '[ADDRESS]',
  credit_card: '[CREDIT_CARD]',
  email: '[EMAIL]',
  iban: '[IBAN]',
  ip_address: '[IP_ADDRESS]',
  national_id: '[NATIONAL_ID]',
  person: '[PERSON_NAME]',
  phone: '[PHONE]',
  secret: '[SECRET]',
  ssn: '[SSN]',
}

/** What stands for a value that is not to come back. */
export const wordFor = (kind: string): string => words[kind] ?? '[REDACTED]'

/** By kinds: "2 email, 1 phone". */
export type Counts = Readonly<Record<string, number>>

export const told = (counts: Counts): string =>
  Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')
