import { createdAt } from './words.ts'

export const generationId = 'gen-5f0c7d6e9b3a4c218f6d2e1b0a9c8d7e'

export const generation = {
  data: {
    id: generationId,
    request_id: 'req_5f0c7d6e9b3a4c218f6d2e1b0a9c8d7e',
    upstream_id: 'chatcmpl-demo',
    api_type: 'completions',
    model: 'demo/demo',
    router: null,
    provider_name: 'demo',
    provider_responses: [
      {
        provider_name: 'demo',
        endpoint_id: 'demo/demo',
        status: 200,
        latency: 12,
        is_byok: true,
        model_permaslug: 'demo',
        code: 'ok',
      },
    ],
    created_at: createdAt,
    streamed: false,
    cancelled: false,
    finish_reason: 'stop',
    native_finish_reason: null,
    latency: 15,
    generation_time: 14,
    tokens_prompt: 12,
    tokens_completion: 25,
    native_tokens_prompt: 12,
    native_tokens_completion: 25,
    native_tokens_reasoning: null,
    native_tokens_cached: null,
    total_cost: null,
    usage: null,
    upstream_inference_cost: null,
    unpriced: true,
    is_byok: true,
  },
}
