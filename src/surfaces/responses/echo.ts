import { isObject, listOf, objectOf, type Fields } from '../../fields.ts'

/** A tool as the response repeats it: every field that a function has, said. */
const echoTool = (tool: unknown): unknown => {
  if (!isObject(tool) || tool.type !== 'function') return tool
  const { description = null, parameters = null, strict = null } = tool
  return { ...tool, description, parameters, strict }
}

const orElse = (value: unknown, otherwise: unknown): unknown => value ?? otherwise

/** The response's fields that repeat the request, each with its default where the client said nothing. */
export const echoOf = (body: Fields): Fields => {
  const text = objectOf(body.text)
  const reasoning = objectOf(body.reasoning)
  return {
    background: false,
    frequency_penalty: orElse(body.frequency_penalty, 0),
    instructions: orElse(body.instructions, null),
    max_output_tokens: orElse(body.max_output_tokens, null),
    max_tool_calls: orElse(body.max_tool_calls, null),
    metadata: orElse(body.metadata, {}),
    parallel_tool_calls: orElse(body.parallel_tool_calls, true),
    presence_penalty: orElse(body.presence_penalty, 0),
    previous_response_id: orElse(body.previous_response_id, null),
    prompt_cache_key: orElse(body.prompt_cache_key, null),
    prompt_cache_retention: orElse(body.prompt_cache_retention, null),
    reasoning: {
      ...reasoning,
      effort: reasoning.effort ?? null,
      summary: reasoning.summary ?? null,
    },
    safety_identifier: orElse(body.safety_identifier, null),
    service_tier: orElse(body.service_tier, 'default'),
    store: orElse(body.store, true),
    temperature: orElse(body.temperature, 1),
    text: { ...text, format: text.format ?? { type: 'text' } },
    tool_choice: orElse(body.tool_choice, 'auto'),
    tools: listOf(body.tools).map(echoTool),
    top_logprobs: orElse(body.top_logprobs, 0),
    top_p: orElse(body.top_p, 1),
    truncation: orElse(body.truncation, 'disabled'),
    ...(typeof body.user === 'string' && { user: body.user }),
  }
}
