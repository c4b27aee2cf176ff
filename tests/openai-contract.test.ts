import { afterAll, beforeAll, setDefaultTimeout, test } from 'bun:test'
import { describeWhere } from './support/where-present.ts'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import Ajv from 'ajv/dist/2020'
import { startLab, type Lab } from './support/lab.ts'
import { recordings } from './support/recorded.ts'
import { answers, replays, status, streamed } from './support/scripts.ts'
import { dieAfter } from './support/spoils.ts'

setDefaultTimeout(60_000)

const file = resolve(import.meta.dir, '../../shared/reference/openai-openapi.json')
const here = existsSync(file)
const contract = here ? await Bun.file(file).json() : { components: { schemas: {} } }

/** The document with `nullable`, which JSON Schema does not know, as the null that it means. */
const cleaned = (schema: any): any => {
  if (Array.isArray(schema)) return schema.map(cleaned)
  if (typeof schema !== 'object' || schema === null) return schema
  const { nullable, ...rest } = schema
  const named = typeof nullable === 'boolean' ? rest : schema
  const inner = Object.fromEntries(
    Object.entries(named).map(([field, value]) => [field, cleaned(value)]),
  )
  return nullable === true ? { anyOf: [inner, { type: 'null' }] } : inner
}

const ajv = new Ajv({
  strict: false,
  validateFormats: false,
  allErrors: true,
  discriminator: false,
})
if (here)
  ajv.addSchema({ $id: 'openai', components: { schemas: cleaned(contract.components.schemas) } })

/** Throws with what is wrong by OpenAI’s own document. */
const mustBe = (name: string, value: unknown): void => {
  const schema = { $ref: `openai#/components/schemas/${name}` }
  if (ajv.validate(schema, value)) return
  const wrong = ajv.errors?.slice(0, 5).map((error) => `${error.instancePath} ${error.message}`)
  throw new Error(`no ${name}: ${wrong?.join('; ')}\n${JSON.stringify(value).slice(0, 600)}`)
}

let lab: Lab
beforeAll(async () => {
  if (here) lab = await startLab()
})
afterAll(() => lab?.[Symbol.asyncDispose]())

const post = async (path: string, body: object | FormData) =>
  fetch(lab.sluice.v1 + path, {
    method: 'POST',
    ...(body instanceof FormData
      ? { body }
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
const json = async (path: string, body: object | FormData): Promise<any> =>
  (await post(path, body)).json()

const eventsOf = async (response: Response): Promise<any[]> =>
  (await response.text())
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)))

const messages = [{ role: 'user', content: 'Hi' }]
const chunkName = 'CreateChatCompletionStreamResponse'
const form = (more: Record<string, string> = {}) => {
  const made = new FormData()
  made.append('model', 'demo/demo')
  made.append('file', new Blob(['RIFF']), 'a.wav')
  for (const [name, value] of Object.entries(more)) made.append(name, value)
  return made
}

describeWhere(here)('by OpenAI’s own document, what clients get is valid:', () => {
  test.each(Object.entries(recordings))(
    'the recording %s, whole, streamed and mixed',
    async (_name, recording) => {
      lab.a.next(replays(recording), replays(recording), streamed(recording))
      // what another vendor's server leaves out is passed as it came
      const ours = recording.whole.every(
        (choice: any) => 'refusal' in choice.message && 'logprobs' in choice,
      )
      const whole = await json('/chat/completions', { model: 'm', messages })
      if (ours) mustBe('CreateChatCompletionResponse', whole)
      for (const event of await eventsOf(
        await post('/chat/completions', { model: 'm', messages, stream: true }),
      ))
        mustBe(chunkName, event)
      mustBe(
        'CreateChatCompletionResponse',
        await json('/chat/completions', { model: 'm', messages }),
      )
    },
  )

  test('the demo provider, whole and streamed', async () => {
    const model = 'demo/demo'
    mustBe('CreateChatCompletionResponse', await json('/chat/completions', { model, messages }))
    for (const event of await eventsOf(
      await post('/chat/completions', { model, messages, stream: true }),
    ))
      mustBe(chunkName, event)
    mustBe('CreateCompletionResponse', await json('/completions', { model, prompt: 'Once' }))
    for (const event of await eventsOf(
      await post('/completions', { model, prompt: 'Once', stream: true }),
    ))
      // the document leaves out that a piece before the last has no finish
      mustBe('CreateCompletionResponse', {
        ...event,
        choices: event.choices.map((choice: any) => ({
          ...choice,
          finish_reason: choice.finish_reason ?? 'stop',
        })),
      })
  })

  test('embeddings', async () => {
    mustBe('CreateEmbeddingResponse', await json('/embeddings', { model: 'm', input: ['a', 'b'] }))
    mustBe('CreateEmbeddingResponse', await json('/embeddings', { model: 'demo/demo', input: 'a' }))
  })

  test('the models', async () => {
    mustBe('ListModelsResponse', await (await fetch(`${lab.sluice.v1}/models`)).json())
    mustBe('Model', await (await fetch(`${lab.sluice.v1}/models/demo/demo`)).json())
  })

  test('moderations, images and transcripts', async () => {
    const model = 'demo/demo'
    mustBe('CreateModerationResponse', await json('/moderations', { model, input: ['a', 'b'] }))
    mustBe('ImagesResponse', await json('/images/generations', { model, prompt: 'a' }))
    for (const event of await eventsOf(
      await post('/images/generations', { model, prompt: 'a', stream: true }),
    ))
      mustBe('ImageGenStreamEvent', event)
    mustBe('CreateTranscriptionResponseJson', await json('/audio/transcriptions', form()))
    mustBe(
      'CreateTranscriptionResponseVerboseJson',
      await json('/audio/transcriptions', form({ response_format: 'verbose_json' })),
    )
    for (const event of await eventsOf(
      await post('/audio/transcriptions', form({ stream: 'true' })),
    ))
      mustBe('CreateTranscriptionResponseStreamEvent', event)
  })

  test('errors before and after the first content', async () => {
    lab.a.next(status(400, 'No.'))
    mustBe('ErrorResponse', await json('/chat/completions', { model: 'solo', messages }))
    mustBe('ErrorResponse', await json('/images/generations', { model: 'nobody/x', prompt: 'a' }))
    lab.a.next(dieAfter(5, answers('one two three four five')))
    const events = await eventsOf(
      await post('/chat/completions', { model: 'solo', messages, stream: true }),
    )
    // the error's own event has a finish that OpenAI's document does not name
    for (const event of events.filter(({ error }) => !error)) mustBe(chunkName, event)
  })
})
