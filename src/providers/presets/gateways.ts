import { old_limit } from '../old-limit.ts'
import type { Preset } from '../preset.ts'

/** Hosts that send requests on to others. */
export const gateways: Readonly<Record<string, Preset>> = {
  openrouter: {
    base_url: 'https://openrouter.ai/api/v1',
    env: ['OPENROUTER_API_KEY'],
    dialects: ['openai', 'responses', 'anthropic'],
    quirks: { reasoning_field: 'reasoning', prefill: 'plain' },
  },
  vercel: {
    base_url: 'https://ai-gateway.vercel.sh/v1',
    env: ['AI_GATEWAY_API_KEY'],
    quirks: { thinking: 'reasoning' },
  },
  requesty: { base_url: 'https://router.requesty.ai/v1', env: ['REQUESTY_API_KEY'] },
  llmgateway: { base_url: 'https://api.llmgateway.io/v1', env: ['LLMGATEWAY_API_KEY'] },
  poe: { base_url: 'https://api.poe.com/v1', env: ['POE_API_KEY'], quirks: old_limit },
  aihubmix: { base_url: 'https://aihubmix.com/v1', env: ['AIHUBMIX_API_KEY'] },
}
