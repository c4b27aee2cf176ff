import { orders } from '../../catalog/listing/orders.ts'
import type { ParameterNotes } from './notes.ts'

const query = (name: string, description: string, more: Partial<ParameterNotes> = {}) => ({
  name,
  in: 'query' as const,
  description,
  ...more,
})

export const paging: readonly ParameterNotes[] = [
  query('limit', 'How many to list; all of them without it.', { whole: true }),
  query('offset', 'How many to leave out before them.', { whole: true }),
]

export const outputs = query(
  'output_modalities',
  'What they make, between commas: `text`, `image`, `audio`, `embeddings` …, or `all`. Without it, `/api/v1` lists what makes text, as OpenRouter does, and `/v1` lists everything, as OpenAI does.',
  { example: 'all' },
)

/** What OpenRouter’s list can be asked for. What is not known of a model is in no range. */
export const choosing: readonly ParameterNotes[] = [
  query('q', 'Words in the id or the name.', { example: 'demo' }),
  query('sort', 'The order. Those that need a market’s numbers leave it as it is.', {
    values: orders,
  }),
  outputs,
  query('input_modalities', 'What they all take, between commas.', { example: 'text' }),
  query('supported_parameters', 'Parameters that they take, between commas: `tools,reasoning`.'),
  query('context', 'The least tokens of context.', { whole: true }),
  query('min_price', 'Dollars of a million tokens of a prompt, at least.', { example: '0' }),
  query('max_price', 'The same, at most.', { example: '0.5' }),
  query('min_output_price', 'Dollars of a million tokens of an answer, at least.'),
  query('max_output_price', 'The same, at most.'),
  query('model_authors', 'Who made them, between commas.'),
  query('providers', 'Who serves them, between commas, by the names of preferences.', {
    example: 'demo',
  }),
  query('arch', 'A family by its tokenizer: `GPT`, `Claude`, `Llama` …'),
  query('zdr', 'Only those with an endpoint that keeps nothing.', { values: ['true'] }),
  query('distillable', 'Whether their answers may train others.', { values: ['true', 'false'] }),
  query('min_age_days', 'Days since they were made, at least.', { whole: true }),
  query('max_age_days', 'The same, at most.', { whole: true }),
  query('min_tool_success_rate', 'The share of sound tool calls measured here, from 0 to 1.'),
  query('max_tool_success_rate', 'The same, at most.'),
  query('endpoints', 'Sluice’s own: every model with its endpoints.', { values: ['true'] }),
]
