import type { Request } from '../../chat.ts'
import type { ProviderConfig } from '../../config.ts'
import { objectOf, without, type Fields } from '../../fields.ts'
import { shareOf } from '../../formats/effort.ts'
import { toEffort, wantedEffort } from './effort.ts'

/** A budget, where the request gives one, or a limit of which an effort is a share. */
const budgetOf = (request: Request, effort: string): Fields => {
  const asked = objectOf(request.reasoning).max_tokens
  const limit = request.max_completion_tokens ?? request.max_tokens
  if (typeof asked === 'number') return { thinking_budget: asked }
  return typeof limit === 'number' ? { thinking_budget: Math.floor(limit * shareOf(effort)) } : {}
}

/** One's own server without a preset is mostly llama.cpp or vLLM. */
const wordsFor = ({ quirks: { thinking }, preset, local }: ProviderConfig, knowing: boolean) =>
  thinking ?? (knowing && local && preset === undefined ? 'template' : undefined)

/**
 * What tells a provider of OpenAI's format how much to think, in its own words; that it shall not at all only where
 * somebody who knows the model says so.
 * @param knowing whether a plugin did, after the client
 */
export const toThinking = (
  request: Request,
  model: string,
  provider: ProviderConfig,
  knowing: boolean,
  warn: (warning: string) => void,
): Fields => {
  const wanted = wantedEffort(request)
  if (wanted === undefined) return {}
  const words = wordsFor(provider, knowing)
  const off = wanted === 'none'
  const effort = toEffort(request, model, false)
  const usual = effort === undefined ? {} : { reasoning_effort: effort }
  if (off && !knowing) return usual
  switch (words) {
    case 'effort':
      return off ? { reasoning_effort: 'none' } : usual
    case 'reasoning':
      return { reasoning: { enabled: !off, ...(!off && { effort }) } }
    case 'thinking':
      return { thinking: { type: off ? 'disabled' : 'enabled' }, ...(!off && usual) }
    case 'enable_thinking':
      return { enable_thinking: !off, ...(!off && budgetOf(request, wanted)) }
    case 'template': {
      // the templates of Qwen, GLM and Gemma read the first, those of DeepSeek and Granite the second
      const told = { enable_thinking: !off, thinking: !off }
      return {
        chat_template_kwargs: { ...objectOf(request.chat_template_kwargs), ...told },
        ...(!off && usual),
      }
    }
    default:
      if (off && effort === undefined) warn('this provider cannot be told not to think')
      return usual
  }
}

/** The client's own request, after a plugin has said how much to think. */
export const withThinking = (
  request: Request,
  model: string,
  provider: ProviderConfig,
  warn: (warning: string) => void,
): Request => ({
  ...without(request, ['reasoning', 'reasoning_effort', 'include_reasoning']),
  ...toThinking(request, model, provider, true, warn),
})
