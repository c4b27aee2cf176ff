import { isObject, listOf, objectOf, textsOf, type Part, type Request } from 'sluice/plugin'

/** An image or a file in a request. */
export interface Enclosed {
  readonly kind: 'image' | 'file'
  /** Where it stands: `messages[0].content[1]`. */
  readonly param: string
  /** Undefined where only its address was sent. */
  readonly bytes: number | undefined
}

const kinds: Readonly<Record<string, Enclosed['kind']>> = {
  image_url: 'image',
  input_image: 'image',
  file: 'file',
  input_file: 'file',
  input_audio: 'file',
  video_url: 'file',
  input_video: 'file',
}

/** Where the parts of OpenAI's format have an address or their bytes. */
const places = ['url', 'file_data', 'data', 'image_url', 'file_url']

const within = (part: Part): unknown => part[part.type] ?? part

/** Bytes of base64, with or without what a data URL says in front; undefined for an address. */
const bytesOf = (text: string): number | undefined => {
  if (/^(https?|gs|file):/i.test(text)) return undefined
  const digits = text.length - (/^data:[^\s,]{0,200},/.exec(text)?.[0].length ?? 0)
  return Math.floor((digits * 3) / 4) - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0)
}

const sizeOf = (part: Part): number | undefined => {
  const value = within(part)
  if (typeof value === 'string') return bytesOf(value)
  const fields = objectOf(value)
  const text = places.map((place) => fields[place]).find((one) => typeof one === 'string')
  return typeof text === 'string' ? bytesOf(text) : undefined
}

/** Images and files of a conversation, those in the results of tools too. */
export const enclosedIn = ({ messages = [] }: Request): readonly Enclosed[] =>
  messages.flatMap(({ content }, at) =>
    Array.isArray(content)
      ? content.flatMap((part: Part, place): Enclosed[] => {
          const kind = kinds[part.type]
          const param = `messages[${at}].content[${place}]`
          return kind ? [{ kind, param, bytes: sizeOf(part) }] : []
        })
      : [],
  )

const schemaOf = (tool: unknown): unknown => {
  const { function: called } = objectOf(tool)
  return isObject(called) ? called.parameters : called
}

/** All texts that a provider would read, the schemas of tools among them. */
export const readIn = (request: Request): readonly string[] => [
  ...textsOf(request),
  ...listOf(request.tools).map((tool) => JSON.stringify(schemaOf(tool)) ?? ''),
]
