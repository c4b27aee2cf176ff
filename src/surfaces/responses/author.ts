import { isObject, listOf, objectOf, type Fields } from '../../fields.ts'
import type { Chunk, Choice, Usage } from '../../chat.ts'
import type { NestedName } from '../../formats/responses/names.ts'
import { fromUsage, statusOf, textOf } from '../../formats/responses.ts'
import { createCalls } from './calls.ts'
import { createMessages } from './message.ts'
import type { Pen } from './pen.ts'
import { createReasoning } from './reasoning.ts'
import { createSearches } from './searches.ts'
import { createSheet } from './sheet.ts'
import { wordOf } from '../../formats/unchecked.ts'
import { soundDelta } from '../../formats/sound.ts'
import { isServerCall, runningIn } from '../../server-call.ts'

export interface AuthorOptions {
  readonly pen: Pen
  /** What the response repeats of the request. */
  readonly echo: Fields
  readonly nested: ReadonlyMap<string, NestedName>
  /** Whether the client asked for summaries of the reasoning. */
  readonly summaries: boolean
  /** 30 hexadecimal digits that the ids begin with. */
  readonly base: string
  readonly id: string
  readonly model: string
  /** Seconds. */
  readonly now: () => number
}

const endings: readonly unknown[] = ['completed', 'incomplete']

/** The name of a provider's own response. */
const givenId = (name: unknown): string | undefined =>
  typeof name === 'string' && name.startsWith('resp_') ? name : undefined

/** The made image that a data URL holds. */
const base64Of = (image: unknown): string | undefined => {
  const url = textOf(objectOf(objectOf(image).image_url).url)
  return /^data:[^,]*;base64,(.*)$/s.exec(url)?.[1]
}

/** Writes the whole grammar of a response's events out of canonical chunks in any order. */
export const createAuthor = (options: AuthorOptions) => {
  const { pen } = options
  const sheet = createSheet(pen, options.base)
  const messages = createMessages(sheet)
  const reasoning = createReasoning(sheet, options.summaries)
  const calls = createCalls(sheet, options.nested)
  const searches = createSearches(sheet)
  /** Where the provider's own tools' items stand that are not done, by the place that it gave them. */
  const hosted = new Map<unknown, number>()
  const created_at = options.now()
  let { id } = options
  let begun = false
  let underWay = false
  let model: string | undefined
  let finish: string | undefined
  let usage: Usage | undefined
  /** The provider's own response, where it gave one. */
  let native: Fields = {}

  const responseOf = (fields: Fields): Fields => ({
    id,
    object: 'response',
    created_at,
    status: 'in_progress',
    completed_at: null,
    error: null,
    incomplete_details: null,
    ...options.echo,
    model: model ?? options.model,
    output: [],
    usage: null,
    ...native,
    ...fields,
    ...(begun && { id }),
  })

  const begin = () => {
    if (!begun) {
      begun = true
      pen.say('response.created', { response: responseOf({}) })
    }
    if (underWay) return
    underWay = true
    pen.say('response.in_progress', { response: responseOf({}) })
  }

  const draw = (image: unknown) => {
    const result = base64Of(image)
    reasoning.close()
    if (result === undefined) {
      const url = textOf(objectOf(objectOf(image).image_url).url)
      if (url !== '') messages.say('output_text', `![image](${url})`)
      return
    }
    messages.close()
    const item = { type: 'image_generation_call', id: sheet.id('ig') }
    const place = {
      item_id: item.id,
      output_index: sheet.begin({ ...item, status: 'in_progress', result: null }),
    }
    for (const step of ['in_progress', 'generating', 'completed'])
      pen.say(`response.image_generation_call.${step}`, place)
    sheet.finish(place.output_index, { ...item, status: 'completed', result })
  }

  const write = ({ delta: said, logprobs, finish_reason }: Choice) => {
    if (said) {
      const delta = soundDelta(said)
      const thought = delta.reasoning ?? delta.reasoning_content ?? ''
      const details = listOf(delta.reasoning_details)
      if (thought !== '' || details.length > 0) {
        messages.close()
        for (const detail of details.filter(isServerCall)) {
          reasoning.close()
          searches.end(detail)
        }
        reasoning.add(textOf(thought), details)
      }
      if (delta.content) {
        reasoning.close()
        messages.say('output_text', textOf(delta.content), logprobs)
      }
      if (delta.refusal) {
        reasoning.close()
        messages.say('refusal', textOf(delta.refusal))
      }
      for (const annotation of listOf(delta.annotations))
        if (isObject(annotation)) {
          reasoning.close()
          messages.annotate(annotation)
        }
      for (const image of listOf(delta.images)) draw(image)
      delta.tool_calls?.forEach((call, position) => {
        reasoning.close()
        messages.close()
        calls.add(call, position)
      })
    }
    if (finish_reason) finish = finish_reason
  }

  const outputNow = (): readonly Fields[] => sheet.output.filter((item) => item !== undefined)

  return {
    sheet,
    messages,
    reasoning,
    calls,
    hosted,
    begin,
    get begun() {
      return begun
    },
    /** The provider wrote this of the response itself. */
    know(response: Fields): void {
      const { output: _output, status: _status, usage: _usage, ...rest } = response
      native = { ...native, ...rest }
      if (!begun && typeof rest.id === 'string') id = rest.id
    },
    /** The provider began the response itself. */
    adoptBegin(goesOn: boolean): void {
      begun = true
      underWay ||= goesOn
    },
    say(text: string): void {
      begin()
      if (text === '') return
      reasoning.close()
      messages.say('output_text', text)
    },
    add(chunk: Chunk): void {
      // a provider's own response keeps its name, also where a plugin changed its first event
      if (!begun) id = givenId(chunk.id) ?? id
      begin()
      if (typeof chunk.model === 'string') model ??= chunk.model
      const running = runningIn(chunk)
      if (running) {
        reasoning.close()
        messages.close()
        searches.begin(running)
      }
      for (const choice of chunk.choices ?? []) if (choice.index === 0) write(choice)
      if (chunk.usage) usage = chunk.usage
    },
    get finish() {
      return finish
    },
    get usage() {
      return usage
    },
    /** Ends what is open and the response; `over` has the provider's own words for it. */
    end(over: Fields = {}): Fields {
      begin()
      const { status, incomplete_details } = statusOf(finish)
      const ending = status === 'incomplete' ? 'incomplete' : 'completed'
      reasoning.close()
      messages.close(ending)
      calls.closeAll(ending)
      for (const place of hosted.values()) sheet.finish(place, sheet.output[place] ?? {})
      const response = responseOf({
        status,
        incomplete_details,
        completed_at: status === 'completed' ? options.now() : null,
        usage: usage ? fromUsage(usage) : null,
        ...over,
        // a provider may end in words that are none
        ...(!endings.includes(over.status) && { status }),
        output: outputNow(),
      })
      pen.say(`response.${wordOf(response.status)}`, { response })
      return response
    },
    /** The response's failure; nothing follows it. */
    fail(fields: Fields): void {
      begin()
      const response = responseOf({ status: 'failed', output: outputNow(), ...fields })
      pen.say('response.failed', { response })
    },
  }
}

export type Author = ReturnType<typeof createAuthor>
