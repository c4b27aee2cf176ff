import type { Request } from '../chat.ts'

type Rewrite = (text: string) => string

type Change = (value: unknown) => unknown

/** The object with one field changed; itself when the field is missing or stays as it is. */
const change = <T extends object>(object: T, field: string, fn: Change): T => {
  const before: unknown = Reflect.get(object, field)
  if (before === undefined || before === null) return object
  const after = fn(before)
  return after === before ? object : { ...object, [field]: after }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const changeAll = <T extends object>(object: T, changes: Readonly<Record<string, Change>>): T =>
  Object.entries(changes).reduce((changed, [field, fn]) => change(changed, field, fn), object)

/** Each object of a list changed; the list itself when none is. */
const eachOf =
  (changes: Readonly<Record<string, Change>>): Change =>
  (list) => {
    if (!Array.isArray(list)) return list
    const next = list.map((item: unknown) => (isObject(item) ? changeAll(item, changes) : item))
    return next.every((item, at) => item === list[at]) ? list : next
  }

const inside =
  (changes: Readonly<Record<string, Change>>): Change =>
  (value) =>
    isObject(value) ? changeAll(value, changes) : value

/** The request with every text that a provider would read replaced; what `fn` leaves alone keeps its identity. */
export const mapTexts = (request: Request, fn: Rewrite): Request => {
  const text: Change = (value) => (typeof value === 'string' ? fn(value) : value)
  const parts = eachOf({ text, refusal: text })
  const content: Change = (value) => {
    if (!Array.isArray(value)) return text(value)
    const next = value.map((part: unknown) => text(part))
    return parts(next.every((part, at) => part === value[at]) ? value : next)
  }
  // inputs of embeddings may be lists of parts themselves
  const nested = eachOf({ content })
  const inputs: Change = (value) => nested(content(value))
  const tools = eachOf({
    function: inside({ description: text }),
    custom: inside({ description: text }),
  })
  return changeAll(request, {
    messages: eachOf({
      content,
      reasoning: text,
      reasoning_content: text,
      refusal: text,
      tool_calls: eachOf({
        function: inside({ arguments: text }),
        custom: inside({ input: text }),
      }),
      function_call: inside({ arguments: text }),
    }),
    prompt: content,
    suffix: text,
    input: inputs,
    instructions: text,
    query: text,
    documents: content,
    input_references: content,
    prediction: inside({ content }),
    tools,
  })
}

/** Every text that a provider would read: messages, tool arguments and results, prompts, inputs. */
export const textsOf = (request: Request): string[] => {
  const texts: string[] = []
  mapTexts(request, (text) => {
    texts.push(text)
    return text
  })
  return texts
}
