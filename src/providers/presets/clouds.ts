import type { Preset } from '../preset.ts'

/** The usual variables of AWS, for signed requests. */
const access_key = {
  auth: 'sigv4',
  key: '{AWS_ACCESS_KEY_ID}:{AWS_SECRET_ACCESS_KEY}:{AWS_SESSION_TOKEN?}',
} as const

const vertex_host =
  'https://{GOOGLE_VERTEX_LOCATION}-aiplatform.googleapis.com/v1/projects/{GOOGLE_VERTEX_PROJECT}/locations/{GOOGLE_VERTEX_LOCATION}'

/** An access token, which Google ends after an hour, or an account that gets new ones. */
const vertex = {
  env: ['GOOGLE_VERTEX_ACCESS_TOKEN'],
  otherwise: { auth: 'gcp', key: 'file:{GOOGLE_APPLICATION_CREDENTIALS}' },
  auth: 'gcp',
  listed: true,
} as const

/** Models as one service among many. */
export const clouds: Readonly<Record<string, Preset>> = {
  azure: {
    base_url: 'https://{AZURE_RESOURCE_NAME}.openai.azure.com/openai/v1',
    env: ['AZURE_API_KEY', 'AZURE_OPENAI_API_KEY'],
    dialects: ['openai', 'responses'],
    auth: 'api-key',
    quirks: { custom_tools: true },
  },
  bedrock: {
    base_url: 'https://bedrock-runtime.{AWS_REGION}.amazonaws.com/openai/v1',
    env: ['AWS_BEARER_TOKEN_BEDROCK'],
    otherwise: access_key,
  },
  'bedrock-mantle': {
    base_url: 'https://bedrock-mantle.{AWS_REGION}.api.aws/v1',
    env: ['AWS_BEARER_TOKEN_BEDROCK'],
    otherwise: access_key,
    dialects: ['openai', 'responses'],
    listed: true,
  },
  'bedrock-anthropic': {
    base_url: 'https://bedrock-mantle.{AWS_REGION}.api.aws/anthropic/v1',
    env: ['AWS_BEARER_TOKEN_BEDROCK'],
    otherwise: access_key,
    dialects: ['anthropic'],
    listed: true,
    quirks: { prefill: 'plain' },
  },
  vertex: {
    ...vertex,
    base_url: `${vertex_host}/publishers/google`,
    dialects: ['gemini'],
    quirks: { prefill: 'plain' },
  },
  'vertex-openai': { ...vertex, base_url: `${vertex_host}/endpoints/openapi` },
  'vertex-anthropic': {
    ...vertex,
    base_url: `${vertex_host}/publishers/anthropic`,
    dialects: ['anthropic'],
    quirks: { vertex: true, prefill: 'plain' },
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
}
