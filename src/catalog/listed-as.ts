import type { ProviderConfig } from '../config.ts'
import { presets } from '../providers/presets.ts'

interface Listed {
  readonly genai?: string
  readonly dev?: string
}

const google = { genai: 'google', dev: 'google' }
const minimax = { genai: 'minimax', dev: 'minimax' }
const aws = { genai: 'aws', dev: 'amazon-bedrock' }
const only = (dev: string): Listed => ({ dev })
const both = (name: string): Listed => ({ genai: name, dev: name })

/** Under which names genai-prices and models.dev (July 2026) list the hosts of our presets. */
const listed: Readonly<Record<string, Listed>> = {
  openai: both('openai'),
  anthropic: both('anthropic'),
  gemini: google,
  'gemini-openai': google,
  groq: both('groq'),
  mistral: both('mistral'),
  deepseek: both('deepseek'),
  'deepseek-anthropic': both('deepseek'),
  xai: { genai: 'x-ai', dev: 'xai' },
  together: { genai: 'together', dev: 'togetherai' },
  fireworks: { genai: 'fireworks', dev: 'fireworks-ai' },
  deepinfra: only('deepinfra'),
  cerebras: both('cerebras'),
  novita: { genai: 'novita', dev: 'novita-ai' },
  nebius: only('nebius'),
  perplexity: both('perplexity'),
  cohere: both('cohere'),
  moonshot: both('moonshotai'),
  'moonshot-cn': only('moonshotai-cn'),
  zai: both('zai'),
  'zai-coding': only('zai-coding-plan'),
  zhipu: both('zhipuai'),
  dashscope: only('alibaba'),
  'dashscope-cn': only('alibaba-cn'),
  minimax,
  'minimax-openai': minimax,
  xiaomi: only('xiaomi'),
  stepfun: only('stepfun'),
  siliconflow: only('siliconflow'),
  modelscope: only('modelscope'),
  azure: both('azure'),
  bedrock: aws,
  'bedrock-mantle': aws,
  'bedrock-anthropic': aws,
  vertex: { genai: 'google', dev: 'google-vertex' },
  'vertex-openai': { genai: 'google', dev: 'google-vertex' },
  'vertex-anthropic': { genai: 'google', dev: 'google-vertex-anthropic' },
  nova: only('nova'),
  'github-models': only('github-models'),
  huggingface: only('huggingface'),
  nvidia: only('nvidia'),
  cloudflare: { genai: 'cloudflare', dev: 'cloudflare-workers-ai' },
  databricks: only('databricks'),
  snowflake: only('snowflake-cortex'),
  digitalocean: only('digitalocean'),
  scaleway: only('scaleway'),
  ovh: both('ovhcloud'),
  vultr: only('vultr'),
  wandb: only('wandb'),
  baseten: both('baseten'),
  chutes: only('chutes'),
  friendli: only('friendli'),
  inception: only('inception'),
  'io-net': only('io-net'),
  'inference-net': only('inference'),
  gmi: only('gmicloud'),
  upstage: only('upstage'),
  meta: only('llama'),
  morph: only('morph'),
  clarifai: only('clarifai'),
  near: only('nearai'),
  tinfoil: only('tinfoil'),
  venice: only('venice'),
  v0: only('v0'),
  openrouter: both('openrouter'),
  vercel: only('vercel'),
  requesty: only('requesty'),
  llmgateway: only('llmgateway'),
  poe: only('poe'),
  aihubmix: only('aihubmix'),
}

const byAddress = new Map(
  Object.entries(presets).flatMap(([name, { base_url, local }]) =>
    base_url.includes('{') || local ? [] : [[base_url, name] as const],
  ),
)

/** What the provider is listed as: by its preset, else by the address of one. */
export const listedAs = ({ preset, base_url }: ProviderConfig): Listed => {
  const name = preset ?? byAddress.get(base_url)
  return name !== undefined && Object.hasOwn(listed, name) ? (listed[name] ?? {}) : {}
}
