import { model } from './openai.ts'
import { created } from './words.ts'

export const endpoint = {
  name: 'demo | demo',
  provider_name: 'demo',
  tag: 'demo',
  model_id: 'demo/demo',
  model_name: 'demo/demo',
  context_length: 0,
  max_completion_tokens: null,
  max_prompt_tokens: null,
  quantization: null,
  pricing: { prompt: '0', completion: '0' },
  supported_parameters: [],
  supports_implicit_caching: false,
  supports_tool_choice: { auto: false, none: false, required: false, function: false },
  supports_voice_cloning: false,
  status: 0,
  uptime_last_5m: 100,
  uptime_last_30m: 100,
  uptime_last_1d: 99.8,
  latency_last_30m: { p50: 250, p75: 350, p90: 480, p99: 850 },
  throughput_last_30m: { p50: 45.2, p75: 38.5, p90: 28.3, p99: 15.1 },
}

const { id, name, architecture } = model

export const modelEndpoints = {
  data: { id, name, created, description: '', architecture, endpoints: [endpoint] },
}

export const providers = {
  data: [
    {
      name: 'demo',
      slug: 'demo',
      privacy_policy_url: null,
      terms_of_service_url: null,
      status_page_url: null,
      headquarters: null,
      datacenters: null,
    },
  ],
}

export const imageModels = {
  data: [
    {
      id: 'openai/gpt-image-1',
      name: 'GPT Image 1',
      description: '',
      created,
      architecture: { input_modalities: ['text', 'image'], output_modalities: ['image'] },
      supported_parameters: {},
      supports_streaming: false,
      endpoints: '/api/v1/models/openai/gpt-image-1/endpoints',
    },
  ],
}
