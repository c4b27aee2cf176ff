import { collect, withTools, type Call, type Chunk, type ServerTool } from 'sluice/plugin'
import { fakeCall, scripted, type Turn } from 'sluice/testing'

/** A tool that tells what it was asked. */
export const clock = (more: Partial<ServerTool> = {}): ServerTool => ({
  name: 'clock',
  description: 'Tells the time.',
  parameters: { type: 'object', properties: { zone: { type: 'string' } } },
  execute: async (args) => ({ text: `12:00 ${JSON.stringify(args)}` }),
  ...more,
})

export const wants = (tool: ServerTool) => (entry: unknown) =>
  (entry as { type?: string }).type === `openrouter:${tool.name}` ? tool : undefined

export const asked = { tools: [{ type: 'openrouter:clock' }] }

/** What a client sees of a model that takes these turns, and what the model was asked. */
export const run = async (
  turns: readonly Turn[],
  request: Partial<Call['request']> = {},
  tool = clock(),
  given: Partial<Call> = {},
) => {
  const provider = scripted(...turns)
  const call = fakeCall({ ...asked, ...request }, given)
  const chunks: Chunk[] = []
  let error: any
  try {
    for await (const chunk of withTools(call, provider, [], wants(tool))) chunks.push(chunk)
  } catch (thrown) {
    error = thrown
  }
  const whole = await collect(
    (async function* () {
      yield* chunks
    })(),
  )
  const message = whole?.choices?.[0]?.delta
  const sent = provider.calls.map((one) => one.request)
  return { provider, call, chunks, error, whole, message: message as any, sent: sent as any[] }
}
