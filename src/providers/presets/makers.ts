import { old_limit } from '../old-limit.ts'
import type { Preset } from '../preset.ts'

const returned = { reasoning_field: 'reasoning_content' } as const
/** Told by `thinking: { type }`. */
const thinking = { thinking: 'thinking' } as const

/** Those who make models, and serve them themselves or have others' models besides. */
export const makers: Readonly<Record<string, Preset>> = {
  openai: {
    base_url: 'https://api.openai.com/v1',
    env: ['OPENAI_API_KEY'],
    dialects: ['openai', 'responses'],
    quirks: { custom_tools: true },
  },
  anthropic: {
    base_url: 'https://api.anthropic.com/v1',
    env: ['ANTHROPIC_API_KEY'],
    dialects: ['anthropic'],
    auth: 'x-api-key',
    quirks: { prefill: 'plain' },
  },
  gemini: {
    base_url: 'https://generativelanguage.googleapis.com/v1beta',
    env: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'],
    dialects: ['gemini'],
    auth: 'x-goog-api-key',
    quirks: { prefill: 'plain' },
  },
  'gemini-openai': {
    base_url: 'https://generativelanguage.googleapis.com/v1beta/openai',
    env: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'],
    listed: true,
    quirks: { thinking: 'effort' },
  },
  // usage beside `x_groq`, and reasoning in tags unless reasoning_format says otherwise
  groq: {
    base_url: 'https://api.groq.com/openai/v1',
    env: ['GROQ_API_KEY'],
    quirks: { usage_in: 'x_groq', think_tags: true, thinking: 'effort' },
  },
  // refuses every field that it does not know, and always tells usage
  mistral: {
    base_url: 'https://api.mistral.ai/v1',
    env: ['MISTRAL_API_KEY'],
    quirks: {
      rename: { max_completion_tokens: 'max_tokens', seed: 'random_seed' },
      drop: ['store', 'service_tier', 'user', 'logit_bias', 'logprobs', 'top_logprobs'],
      stream_options: false,
      reasoning_field: 'none',
      tool_ids: 'mistral9',
      prefill: 'prefix',
    },
  },
  // tool calls of a thinking model want their reasoning back
  deepseek: {
    base_url: 'https://api.deepseek.com',
    env: ['DEEPSEEK_API_KEY'],
    quirks: { ...old_limit, ...returned, ...thinking },
  },
  'deepseek-anthropic': {
    base_url: 'https://api.deepseek.com/anthropic/v1',
    env: ['DEEPSEEK_API_KEY'],
    dialects: ['anthropic'],
    auth: 'x-api-key',
    listed: true,
  },
  xai: { base_url: 'https://api.x.ai/v1', env: ['XAI_API_KEY'], quirks: { thinking: 'effort' } },
  together: {
    base_url: 'https://api.together.xyz/v1',
    env: ['TOGETHER_API_KEY'],
    quirks: { thinking: 'reasoning' },
  },
  fireworks: {
    base_url: 'https://api.fireworks.ai/inference/v1',
    env: ['FIREWORKS_API_KEY'],
    quirks: { thinking: 'effort' },
  },
  deepinfra: {
    base_url: 'https://api.deepinfra.com/v1/openai',
    env: ['DEEPINFRA_API_KEY'],
    quirks: { thinking: 'effort' },
  },
  cerebras: { base_url: 'https://api.cerebras.ai/v1', env: ['CEREBRAS_API_KEY'] },
  novita: { base_url: 'https://api.novita.ai/openai', env: ['NOVITA_API_KEY'] },
  nebius: { base_url: 'https://api.tokenfactory.nebius.com/v1', env: ['NEBIUS_API_KEY'] },
  hyperbolic: { base_url: 'https://api.hyperbolic.xyz/v1', env: ['HYPERBOLIC_API_KEY'] },
  sambanova: { base_url: 'https://api.sambanova.ai/v1', env: ['SAMBANOVA_API_KEY'] },
  perplexity: {
    base_url: 'https://api.perplexity.ai',
    env: ['PERPLEXITY_API_KEY'],
    quirks: { think_tags: true },
  },
  cohere: {
    base_url: 'https://api.cohere.ai/compatibility/v1',
    env: ['COHERE_API_KEY'],
    quirks: { thinking: 'effort' },
  },
  ai21: { base_url: 'https://api.ai21.com/studio/v1', env: ['AI21_API_KEY'] },

  moonshot: {
    base_url: 'https://api.moonshot.ai/v1',
    env: ['MOONSHOT_API_KEY'],
    quirks: { ...returned, ...thinking },
  },
  'moonshot-cn': {
    base_url: 'https://api.moonshot.cn/v1',
    env: ['MOONSHOT_API_KEY'],
    listed: true,
    quirks: { ...returned, ...thinking },
  },
  zai: {
    base_url: 'https://api.z.ai/api/paas/v4',
    env: ['ZAI_API_KEY', 'ZHIPU_API_KEY'],
    quirks: { ...returned, ...thinking },
  },
  'zai-coding': {
    base_url: 'https://api.z.ai/api/coding/paas/v4',
    env: ['ZAI_API_KEY', 'ZHIPU_API_KEY'],
    listed: true,
    quirks: { ...returned, ...thinking },
  },
  zhipu: {
    base_url: 'https://open.bigmodel.cn/api/paas/v4',
    env: ['ZHIPU_API_KEY'],
    listed: true,
    quirks: { ...returned, ...thinking },
  },
  dashscope: {
    base_url: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    env: ['DASHSCOPE_API_KEY'],
    quirks: { thinking: 'enable_thinking' },
  },
  'dashscope-cn': {
    base_url: 'https://dashscope.aliyuncs.com/compatible-mode/v1',
    env: ['DASHSCOPE_API_KEY'],
    listed: true,
    quirks: { thinking: 'enable_thinking' },
  },
  minimax: {
    base_url: 'https://api.minimax.io/anthropic/v1',
    env: ['MINIMAX_API_KEY'],
    dialects: ['anthropic'],
    auth: 'x-api-key',
  },
  'minimax-openai': {
    base_url: 'https://api.minimax.io/v1',
    env: ['MINIMAX_API_KEY'],
    listed: true,
    quirks: { think_tags: true },
  },
  xiaomi: {
    base_url: 'https://api.xiaomimimo.com/v1',
    env: ['XIAOMI_API_KEY'],
    quirks: { ...old_limit, ...returned, ...thinking },
  },
  stepfun: { base_url: 'https://api.stepfun.com/v1', env: ['STEPFUN_API_KEY'] },
  siliconflow: {
    base_url: 'https://api.siliconflow.com/v1',
    env: ['SILICONFLOW_API_KEY'],
    quirks: { thinking: 'enable_thinking' },
  },
  modelscope: {
    base_url: 'https://api-inference.modelscope.cn/v1',
    env: ['MODELSCOPE_API_KEY'],
    quirks: { thinking: 'enable_thinking' },
  },
}
