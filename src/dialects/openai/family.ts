import type { ProviderConfig } from '../../config.ts'
import { takesBreakpoints } from '../../formats/breakpoints.ts'

/** What a provider makes of fields beyond those that all servers of OpenAI's format know. */
export interface Family {
  /** OpenAI's own service: its newest fields, and no others. */
  readonly own: boolean
  /** OpenRouter: its own fields too. */
  readonly router: boolean
  /** Refuses a request for a field that it does not know. */
  readonly strict: boolean
  /** Knows `top_k`, `min_p` and their like. */
  readonly sampling: boolean
  /** Knows `cache_control` in content. */
  readonly caching: boolean
  /** Knows OpenAI's breakpoints in content. */
  readonly breakpoints: boolean
}

const own = new Set(['openai', 'azure'])
const strict = new Set([...own, 'mistral'])
const caching = new Set([
  'openrouter',
  'vercel',
  'requesty',
  'llmgateway',
  'aihubmix',
  'dashscope',
  'dashscope-cn',
])

/** Hosts whose servers are vLLM, SGLang or llama.cpp, or say that they take these parameters. */
const sampling = new Set([
  'openrouter',
  'ollama',
  'lmstudio',
  'llamacpp',
  'vllm',
  'jan',
  'sglang',
  'localai',
  'koboldcpp',
  'tabbyapi',
  'text-gen-webui',
  'docker-model-runner',
  'together',
  'fireworks',
  'deepinfra',
  'novita',
  'hyperbolic',
  'chutes',
  'featherless',
  'siliconflow',
  'nebius',
  'huggingface',
])

/** One without a preset is known to take only what everyone takes, unless it is the user's own runtime. */
export const familyOf = ({ preset, local }: ProviderConfig, model: string): Family => {
  const among = (names: ReadonlySet<string>) => preset !== undefined && names.has(preset)
  return {
    own: among(own),
    router: preset === 'openrouter',
    strict: among(strict),
    sampling: preset === undefined ? local : among(sampling),
    caching: among(caching),
    breakpoints: among(own) && takesBreakpoints(model),
  }
}
