import { objectOf, without, type Fields } from '../../fields.ts'
import { trimBreakpoints } from './breakpoints.ts'
import { claudeOf } from '../../providers/claude.ts'
import { thinksHow } from './limits.ts'
import { wordOf } from '../../formats/unchecked.ts'

/** A tool that must be called leaves no room for thought. */
const withoutForcedThought = (body: Fields): Fields => {
  const forced = ['any', 'tool'].includes(wordOf(objectOf(body.tool_choice).type))
  const { type } = objectOf(body.thinking)
  return forced && (type === 'enabled' || type === 'adaptive') ? without(body, ['thinking']) : body
}

const thoughts = ['thinking', 'redacted_thinking']

/** A tool loop that was begun without a thought cannot be gone on with a budget for it. */
const withoutLateThought = (body: Fields): Fields => {
  if (objectOf(body.thinking).type !== 'enabled' || !Array.isArray(body.messages)) return body
  const last = body.messages.findLast(({ role }: Fields) => role === 'assistant')?.content
  if (!Array.isArray(last) || !last.some(({ type }: Fields) => type === 'tool_use')) return body
  return thoughts.includes(wordOf(last[0]?.type)) ? body : without(body, ['thinking'])
}

/** OpenAI's temperatures end at 2, Claude's at 1; who thinks is not cooled, and the newest take no sampling at all. */
const withSampling = (body: Fields, model: string): Fields => {
  if (claudeOf(model) && thinksHow(model) === 'adaptive')
    return without(body, ['temperature', 'top_p', 'top_k'])
  const { type } = objectOf(body.thinking)
  if (type === 'enabled' || type === 'adaptive') {
    const kept = typeof body.top_p === 'number' && body.top_p >= 0.95 ? [] : ['top_p']
    return without(body, ['temperature', 'top_k', ...kept])
  }
  const { temperature } = body
  if (typeof temperature !== 'number') return body
  const cooled = { ...body, temperature: Math.min(Math.max(temperature, 0), 1) }
  // the first models took both
  return (claudeOf(model)?.version ?? Infinity) >= 4.1 ? without(cooled, ['top_p']) : cooled
}

/** A choice without tools, or of one that is not there, is refused. */
const withChoice = (body: Fields): Fields => {
  const { type, name } = objectOf(body.tool_choice)
  if (type === undefined) return body
  const tools = Array.isArray(body.tools) ? body.tools : []
  const fits = type === 'tool' ? tools.some((tool: Fields) => tool.name === name) : tools.length > 0
  return fits ? body : without(body, ['tool_choice'])
}

/** What the API would refuse of a body that was made for another one, taken out or moved into its range. */
export const fit = (body: Fields, model: string): Fields =>
  trimBreakpoints(withSampling(withoutLateThought(withoutForcedThought(withChoice(body))), model))
