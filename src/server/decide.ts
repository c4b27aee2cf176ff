import type { Gateway } from '../gateway.ts'
import { Vars } from '../pipeline.ts'
import type { Plan } from '../router/plan.ts'
import { chatCompletions } from '../surfaces/chat-completions.ts'
import { readRequest } from './body.ts'

export interface Question {
  /** OpenAI's, of which only the model is needed. */
  readonly body: Readonly<Record<string, unknown>>
  readonly headers?: Headers
  /** What is known of who asks. */
  readonly vars?: Vars
}

const anything = [{ role: 'user', content: 'Hello.' }]

/**
 * Where a request would be answered, without sending anything.
 * @throws GatewayError as the request itself would
 */
export const decide = async (
  { config, memory, decide: plan }: Pick<Gateway, 'config' | 'decide' | 'memory'>,
  { body, headers = new Headers(), vars = new Vars() }: Question,
): Promise<Plan> => {
  const written = new Request('http://localhost/', {
    method: 'POST',
    body: JSON.stringify({ messages: anything, ...body }),
  })
  const place = { headers, query: new URLSearchParams(), memory }
  const read = await readRequest(written, chatCompletions, place, config.server)
  return plan({
    id: 'gen-0',
    operation: 'chat',
    ...read,
    headers,
    address: () => '',
    signal: new AbortController().signal,
    vars,
  })
}
