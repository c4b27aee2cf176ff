import { old_limit } from '../old-limit.ts'
import type { Preset } from '../preset.ts'

/** Hosts of open models. */
export const hosts: Readonly<Record<string, Preset>> = {
  baseten: { base_url: 'https://inference.baseten.co/v1', env: ['BASETEN_API_KEY'] },
  chutes: {
    base_url: 'https://llm.chutes.ai/v1',
    env: ['CHUTES_API_KEY'],
    quirks: old_limit,
  },
  friendli: { base_url: 'https://api.friendli.ai/serverless/v1', env: ['FRIENDLI_TOKEN'] },
  inception: { base_url: 'https://api.inceptionlabs.ai/v1', env: ['INCEPTION_API_KEY'] },
  'io-net': {
    base_url: 'https://api.intelligence.io.solutions/api/v1',
    env: ['IOINTELLIGENCE_API_KEY'],
  },
  'inference-net': { base_url: 'https://inference.net/v1', env: ['INFERENCE_API_KEY'] },
  gmi: { base_url: 'https://api.gmi-serving.com/v1', env: ['GMI_API_KEY', 'GMICLOUD_API_KEY'] },
  upstage: { base_url: 'https://api.upstage.ai/v1/solar', env: ['UPSTAGE_API_KEY'] },
  meta: { base_url: 'https://api.llama.com/compat/v1', env: ['LLAMA_API_KEY'] },
  morph: { base_url: 'https://api.morphllm.com/v1', env: ['MORPH_API_KEY'] },
  clarifai: { base_url: 'https://api.clarifai.com/v2/ext/openai/v1', env: ['CLARIFAI_PAT'] },
  near: { base_url: 'https://cloud-api.near.ai/v1', env: ['NEARAI_API_KEY'] },
  tinfoil: { base_url: 'https://inference.tinfoil.sh/v1', env: ['TINFOIL_API_KEY'] },
  featherless: {
    base_url: 'https://api.featherless.ai/v1',
    env: ['FEATHERLESS_API_KEY'],
    quirks: { thinking: 'template' },
  },
  nscale: { base_url: 'https://inference.api.nscale.com/v1', env: ['NSCALE_API_KEY'] },
  venice: {
    base_url: 'https://api.venice.ai/api/v1',
    env: ['VENICE_API_KEY', 'VENICE_AI_API_KEY'],
  },
  v0: { base_url: 'https://api.v0.dev/v1', env: ['V0_API_KEY'] },
  crusoe: {
    base_url: 'https://managed-inference-api-proxy.crusoecloud.com/v1',
    env: ['CRUSOE_API_KEY'],
    quirks: old_limit,
  },
  publicai: {
    base_url: 'https://api.publicai.co/v1',
    env: ['PUBLICAI_API_KEY'],
    quirks: { ...old_limit, flatten_content: true },
  },
}
