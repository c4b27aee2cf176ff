/** How a model thinks when nobody says anything, and what it can be told. */
export interface Family {
  /** `asked`: only when it is told to. `usually`: unless it is told not to. */
  readonly thinks: 'never' | 'asked' | 'usually' | 'always'
  readonly efforts?: readonly string[]
  /** The least budget of one that always thinks and knows no words. */
  readonly least?: number
  /** Its prompt ends with the opening tag, so that servers which do not part thoughts show the closing one alone. */
  readonly inside?: true
}

const never: Family = { thinks: 'never' }
const asked: Family = { thinks: 'asked' }
const usually: Family = { thinks: 'usually' }
const always: Family = { thinks: 'always' }
const inside: Family = { ...always, inside: true }
const with3 = ['high', 'medium', 'low']

/**
 * Models by their names, the first that fits; the catalog knows better where it knows anything. Sources: the makers'
 * documentation, and Together's and OpenRouter's lists of what can be switched off (November 2026).
 */
const families: readonly (readonly [RegExp, Family])[] = [
  [/gpt-oss/, { ...always, efforts: with3 }],
  [/gpt-[34]|chatgpt|gpt-5[\d.]*-chat/, never],
  [/gpt-5-pro/, { ...always, efforts: ['high'] }],
  [/gpt-\d[\d.]*-pro/, { ...always, efforts: ['xhigh', 'high', 'medium'] }],
  [/gpt-5[\d.]*-codex/, { ...always, efforts: with3 }],
  [/gpt-(5\.\d|[6-9]|\d\d)/, { ...usually, efforts: ['xhigh', ...with3, 'none'] }],
  [/gpt-5/, { ...always, efforts: [...with3, 'minimal'] }],
  [/\bo[134]\b/, { ...always, efforts: with3 }],
  [/claude/, asked],
  [/gemini.*(image|embedding|tts|audio|live)/, never],
  [/gemini-2\.5-pro/, { ...always, least: 128 }],
  [/gemini-2\.5-flash-lite/, asked],
  [/gemini-2\.5|gemini-flash-latest/, usually],
  [/gemini-[12]/, never],
  [/gemini-3[\d.]*-pro|gemini-pro-latest/, { ...always, efforts: ['high', 'low'] }],
  [/gemini-[3-9]/, { ...usually, efforts: [...with3, 'minimal'] }],
  [/deepseek-r\d/, inside],
  [/deepseek-reasoner|speciale/, always],
  [/deepseek-v([4-9]|\d\d)/, usually],
  [/deepseek/, asked],
  [/qwq/, inside],
  [/qvq/, always],
  [/qwen-?3.*thinking/, inside],
  [/qwen-?3.*(instruct|coder|embed|rerank|asr|tts|omni-flash)/, never],
  [/qwen-?3\.\d/, { ...usually, inside: true }],
  [/qwen-?3(?!.*(max|plus|turbo|flash))/, usually],
  [/qwen-?(max|plus|turbo|flash)|qwen-?3/, asked],
  [/glm-(4\.[5-9]|[5-9])/, usually],
  [/glm-z1/, always],
  [/kimi.*thinking/, always],
  [/kimi-k(2\.[5-9]|[3-9])/, usually],
  [/minimax-m[12]/, inside],
  [/grok.*non-reasoning|grok-2|grok-3(?!-mini)/, never],
  [/grok-3-mini/, { ...always, efforts: ['high', 'low'] }],
  [/grok-4(?!\.\d|-fast)|grok-code/, always],
  [/magistral/, always],
  [/sonar-(reasoning|deep)/, always],
  [/phi-4.*reasoning|exaone-deep/, always],
  [/nemotron-(nano|3)|smollm3|hunyuan-(a13b|t1)|seed-oss|doubao-seed/, usually],
]

const found = new Map<string, Family | undefined>()
/** Clients may name any model of a provider. */
const mostNames = 1_000

/** Looked for once for each name. */
export const familyOf = (model: string): Family | undefined => {
  const name = model.slice(0, 200).toLowerCase()
  if (found.has(name)) return found.get(name)
  const family = families.find(([pattern]) => pattern.test(name))?.[1]
  if (found.size >= mostNames) found.clear()
  found.set(name, family)
  return family
}
