import * as v from 'valibot'
import { describe } from './describe.ts'

const range_words = 'expected [least, most]'

export const quirksSchema = v.strictObject({
  rename: describe(
    v.exactOptional(v.record(v.string(), v.pipe(v.string(), v.nonEmpty('is empty')))),
    'Request parameters that this provider calls by another name.',
  ),
  drop: describe(v.exactOptional(v.array(v.string())), 'Request parameters never sent.'),
  force: describe(
    v.exactOptional(v.record(v.string(), v.unknown())),
    'Request parameters always sent with these values.',
  ),
  clamp: describe(
    v.exactOptional(
      v.record(
        v.string(),
        v.pipe(
          v.strictTuple([v.number(), v.number()], range_words),
          v.check(([least, most]) => least <= most, 'has a least above its most'),
        ),
      ),
    ),
    'Numbers kept within [least, most].',
  ),
  flatten_content: describe(
    v.exactOptional(v.boolean()),
    'Send lists of text parts as one string.',
  ),
  stream_options: describe(
    v.exactOptional(v.boolean()),
    'false: never ask for usage in a stream, for providers that refuse the parameter.',
  ),
  reasoning_field: describe(
    v.exactOptional(v.picklist(['reasoning_content', 'reasoning', 'none'])),
    'Field of an assistant message in which it takes its reasoning back; none: never.',
  ),
  thinking: describe(
    v.exactOptional(v.picklist(['effort', 'reasoning', 'thinking', 'enable_thinking', 'template'])),
    'How it is told whether to think: reasoning_effort, reasoning, thinking, enable_thinking or chat_template_kwargs.',
  ),
  think_tags: describe(
    v.exactOptional(v.boolean()),
    'Answers may begin with <think>…</think>, which is reasoning and not content.',
  ),
  usage_in: describe(
    v.exactOptional(v.picklist(['x_groq'])),
    'Where usage stands in a stream, if not in "usage".',
  ),
  tool_ids: describe(
    v.exactOptional(v.picklist(['mistral9'])),
    'Ids of tool calls that it takes; mistral9: nine letters and digits.',
  ),
  prefill: describe(
    v.exactOptional(
      v.union(
        [v.picklist(['plain', 'prefix', 'vllm']), v.literal(false)],
        'expected plain, prefix, vllm or false',
      ),
    ),
    'How it is told to go on with an assistant’s last message, for the plugin resume; false: it cannot.',
  ),
  custom_tools: describe(
    v.exactOptional(v.boolean()),
    'Whether it knows tools of type custom; otherwise they are sent as functions.',
  ),
  vertex: describe(
    v.exactOptional(v.boolean()),
    'Claude on Vertex AI: the model stands in the address, the version in the body.',
  ),
})
