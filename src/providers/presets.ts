import type { Auth, ProviderConfig, Quirks } from '../config/model.ts'

/** What is known about a provider before anyone configures it. */
export interface Preset {
  /** `{NAME}` is filled from the environment variable NAME. */
  readonly base_url: string
  /** Variables that may hold the key, the first that is set wins; several keys stand between commas. */
  readonly env: readonly string[]
  /** `['openai']` when absent. */
  readonly dialects?: ProviderConfig['dialects']
  /** `bearer` when absent. */
  readonly auth?: Auth
  /** Runs on the user's own machine and needs no key. */
  readonly local?: true
  /** Used only when the YAML lists it, as its variable serves another preset or another purpose too. */
  readonly listed?: true
  readonly quirks?: Quirks
  readonly headers?: Readonly<Record<string, string>>
}

/** The older name of the limit, which every provider knows. Source: LiteLLM, openai_like/providers.json. */
const old_limit: Quirks = { rename: { max_completion_tokens: 'max_tokens' } }

/**
 * All of them speak OpenAI chat completions; anthropic and gemini through their OpenAI layers, until
 * their native dialects arrive. Sources: models.dev (2026-07-02), LiteLLM, Portkey, vendors' pages.
 */
export const presets: Readonly<Record<string, Preset>> = {
  openai: { base_url: 'https://api.openai.com/v1', env: ['OPENAI_API_KEY'] },
  anthropic: { base_url: 'https://api.anthropic.com/v1', env: ['ANTHROPIC_API_KEY'] },
  gemini: {
    base_url: 'https://generativelanguage.googleapis.com/v1beta/openai',
    env: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'],
  },
  openrouter: { base_url: 'https://openrouter.ai/api/v1', env: ['OPENROUTER_API_KEY'] },
  groq: { base_url: 'https://api.groq.com/openai/v1', env: ['GROQ_API_KEY'] },
  mistral: { base_url: 'https://api.mistral.ai/v1', env: ['MISTRAL_API_KEY'] },
  deepseek: { base_url: 'https://api.deepseek.com', env: ['DEEPSEEK_API_KEY'] },
  xai: { base_url: 'https://api.x.ai/v1', env: ['XAI_API_KEY'] },
  together: { base_url: 'https://api.together.xyz/v1', env: ['TOGETHER_API_KEY'] },
  fireworks: { base_url: 'https://api.fireworks.ai/inference/v1', env: ['FIREWORKS_API_KEY'] },
  deepinfra: { base_url: 'https://api.deepinfra.com/v1/openai', env: ['DEEPINFRA_API_KEY'] },
  cerebras: { base_url: 'https://api.cerebras.ai/v1', env: ['CEREBRAS_API_KEY'] },
  novita: { base_url: 'https://api.novita.ai/openai', env: ['NOVITA_API_KEY'] },
  nebius: { base_url: 'https://api.tokenfactory.nebius.com/v1', env: ['NEBIUS_API_KEY'] },
  hyperbolic: { base_url: 'https://api.hyperbolic.xyz/v1', env: ['HYPERBOLIC_API_KEY'] },
  sambanova: { base_url: 'https://api.sambanova.ai/v1', env: ['SAMBANOVA_API_KEY'] },
  perplexity: { base_url: 'https://api.perplexity.ai', env: ['PERPLEXITY_API_KEY'] },
  cohere: { base_url: 'https://api.cohere.ai/compatibility/v1', env: ['COHERE_API_KEY'] },
  ai21: { base_url: 'https://api.ai21.com/studio/v1', env: ['AI21_API_KEY'] },

  moonshot: { base_url: 'https://api.moonshot.ai/v1', env: ['MOONSHOT_API_KEY'] },
  'moonshot-cn': {
    base_url: 'https://api.moonshot.cn/v1',
    env: ['MOONSHOT_API_KEY'],
    listed: true,
  },
  zai: { base_url: 'https://api.z.ai/api/paas/v4', env: ['ZAI_API_KEY', 'ZHIPU_API_KEY'] },
  'zai-coding': {
    base_url: 'https://api.z.ai/api/coding/paas/v4',
    env: ['ZAI_API_KEY', 'ZHIPU_API_KEY'],
    listed: true,
  },
  zhipu: {
    base_url: 'https://open.bigmodel.cn/api/paas/v4',
    env: ['ZHIPU_API_KEY'],
    listed: true,
  },
  dashscope: {
    base_url: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    env: ['DASHSCOPE_API_KEY'],
  },
  'dashscope-cn': {
    base_url: 'https://dashscope.aliyuncs.com/compatible-mode/v1',
    env: ['DASHSCOPE_API_KEY'],
    listed: true,
  },
  minimax: { base_url: 'https://api.minimax.io/v1', env: ['MINIMAX_API_KEY'] },
  xiaomi: { base_url: 'https://api.xiaomimimo.com/v1', env: ['XIAOMI_API_KEY'], quirks: old_limit },
  stepfun: { base_url: 'https://api.stepfun.com/v1', env: ['STEPFUN_API_KEY'] },
  siliconflow: { base_url: 'https://api.siliconflow.com/v1', env: ['SILICONFLOW_API_KEY'] },
  modelscope: {
    base_url: 'https://api-inference.modelscope.cn/v1',
    env: ['MODELSCOPE_API_KEY'],
  },

  azure: {
    base_url: 'https://{AZURE_RESOURCE_NAME}.openai.azure.com/openai/v1',
    env: ['AZURE_API_KEY', 'AZURE_OPENAI_API_KEY'],
    auth: 'api-key',
  },
  bedrock: {
    base_url: 'https://bedrock-runtime.{AWS_REGION}.amazonaws.com/openai/v1',
    env: ['AWS_BEARER_TOKEN_BEDROCK'],
  },
  'bedrock-mantle': {
    base_url: 'https://bedrock-mantle.{AWS_REGION}.api.aws/v1',
    env: ['AWS_BEARER_TOKEN_BEDROCK'],
    listed: true,
  },
  // The token is an OAuth access token, which Google ends after an hour.
  vertex: {
    base_url:
      'https://{GOOGLE_VERTEX_LOCATION}-aiplatform.googleapis.com/v1/projects/{GOOGLE_VERTEX_PROJECT}/locations/{GOOGLE_VERTEX_LOCATION}/endpoints/openapi',
    env: ['GOOGLE_VERTEX_ACCESS_TOKEN'],
    listed: true,
  },
  nova: { base_url: 'https://api.nova.amazon.com/v1', env: ['NOVA_API_KEY'] },
  'github-models': {
    base_url: 'https://models.github.ai/inference',
    env: ['GITHUB_MODELS_TOKEN', 'GITHUB_TOKEN'],
    listed: true,
  },
  huggingface: {
    base_url: 'https://router.huggingface.co/v1',
    env: ['HF_TOKEN', 'HUGGINGFACE_API_KEY'],
    listed: true,
  },
  nvidia: { base_url: 'https://integrate.api.nvidia.com/v1', env: ['NVIDIA_API_KEY'] },
  cloudflare: {
    base_url: 'https://api.cloudflare.com/client/v4/accounts/{CLOUDFLARE_ACCOUNT_ID}/ai/v1',
    env: ['CLOUDFLARE_API_KEY', 'CLOUDFLARE_API_TOKEN'],
    listed: true,
  },
  databricks: {
    base_url: 'https://{DATABRICKS_HOST}/ai-gateway/mlflow/v1',
    env: ['DATABRICKS_TOKEN'],
    listed: true,
  },
  snowflake: {
    base_url: 'https://{SNOWFLAKE_ACCOUNT}.snowflakecomputing.com/api/v2/cortex/v1',
    env: ['SNOWFLAKE_CORTEX_PAT'],
  },
  digitalocean: {
    base_url: 'https://inference.do-ai.run/v1',
    env: ['DIGITALOCEAN_ACCESS_TOKEN'],
    listed: true,
  },
  scaleway: {
    base_url: 'https://api.scaleway.ai/v1',
    env: ['SCALEWAY_API_KEY', 'SCW_SECRET_KEY'],
    listed: true,
  },
  ovh: {
    base_url: 'https://oai.endpoints.kepler.ai.cloud.ovh.net/v1',
    env: ['OVHCLOUD_API_KEY'],
    listed: true,
  },
  vultr: { base_url: 'https://api.vultrinference.com/v1', env: ['VULTR_API_KEY'], listed: true },
  wandb: {
    base_url: 'https://api.inference.wandb.ai/v1',
    env: ['WANDB_API_KEY'],
    listed: true,
  },

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
  featherless: { base_url: 'https://api.featherless.ai/v1', env: ['FEATHERLESS_API_KEY'] },
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

  vercel: { base_url: 'https://ai-gateway.vercel.sh/v1', env: ['AI_GATEWAY_API_KEY'] },
  requesty: { base_url: 'https://router.requesty.ai/v1', env: ['REQUESTY_API_KEY'] },
  llmgateway: { base_url: 'https://api.llmgateway.io/v1', env: ['LLMGATEWAY_API_KEY'] },
  poe: { base_url: 'https://api.poe.com/v1', env: ['POE_API_KEY'], quirks: old_limit },
  aihubmix: { base_url: 'https://aihubmix.com/v1', env: ['AIHUBMIX_API_KEY'] },

  ollama: { base_url: 'http://127.0.0.1:11434/v1', env: [], auth: 'none', local: true },
  lmstudio: { base_url: 'http://127.0.0.1:1234/v1', env: [], auth: 'none', local: true },
  llamacpp: { base_url: 'http://127.0.0.1:8080/v1', env: [], auth: 'none', local: true },
  vllm: { base_url: 'http://127.0.0.1:8000/v1', env: [], auth: 'none', local: true },
  jan: { base_url: 'http://127.0.0.1:1337/v1', env: [], auth: 'none', local: true },
  sglang: { base_url: 'http://127.0.0.1:30000/v1', env: [], auth: 'none', local: true },
  localai: { base_url: 'http://127.0.0.1:8080/v1', env: [], auth: 'none', local: true },
  koboldcpp: { base_url: 'http://127.0.0.1:5001/v1', env: [], auth: 'none', local: true },
  tabbyapi: { base_url: 'http://127.0.0.1:5000/v1', env: [], auth: 'none', local: true },
  'text-gen-webui': { base_url: 'http://127.0.0.1:5000/v1', env: [], auth: 'none', local: true },
  'docker-model-runner': {
    base_url: 'http://127.0.0.1:12434/engines/v1',
    env: [],
    auth: 'none',
    local: true,
  },
}

/** The preset of that name; safe for names that every object inherits. */
export function presetNamed(name: string): Preset | undefined {
  return Object.hasOwn(presets, name) ? presets[name] : undefined
}
