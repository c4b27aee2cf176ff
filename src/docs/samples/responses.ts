import { created, hello, named, pieces } from './words.ts'

export const id = 'resp_9d28909b17c152e23f2eae482900a800'
const item_id = 'msg_9d28909b17c152e23f2eae482900a800'

const part = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] })

const item = (status: string, content: readonly object[]) => ({
  id: item_id,
  type: 'message',
  role: 'assistant',
  status,
  content,
})

const begun = {
  id,
  object: 'response',
  created_at: created,
  status: 'in_progress',
  model: 'demo',
  output: [],
  error: null,
  incomplete_details: null,
  previous_response_id: null,
  store: true,
  usage: null,
}

export const response = {
  ...begun,
  status: 'completed',
  output: [item('completed', [part(hello)])],
  usage: { input_tokens: 3, output_tokens: 5, total_tokens: 8 },
}

const place = { item_id, output_index: 0, content_index: 0 }

export const responseStream = named(
  [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    { type: 'response.output_item.added', output_index: 0, item: item('in_progress', []) },
    { type: 'response.content_part.added', ...place, part: part('') },
    ...pieces.map((delta) => ({ type: 'response.output_text.delta', ...place, delta })),
    { type: 'response.output_text.done', ...place, text: hello },
    { type: 'response.content_part.done', ...place, part: part(hello) },
    { type: 'response.output_item.done', output_index: 0, item: response.output[0] },
    { type: 'response.completed', response },
  ].map((event, sequence_number) => ({ ...event, sequence_number })),
)

const input = `${id}_0`

export const responseInput = {
  object: 'list',
  data: [
    {
      id: input,
      type: 'message',
      role: 'user',
      content: [{ type: 'input_text', text: 'Say hello.' }],
    },
  ],
  first_id: input,
  last_id: input,
  has_more: false,
}
