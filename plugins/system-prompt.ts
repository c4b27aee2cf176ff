import { readFile } from 'node:fs/promises'
import { definePlugin, v, type Host, type Message, type Part, type Request } from 'sluice/plugin'

const text = v.union(
  [
    v.pipe(v.string(), v.nonEmpty('is empty')),
    v.strictObject({ file: v.pipe(v.string(), v.nonEmpty('is empty')) }),
  ],
  'expected a text, or { file: path }',
)

const options = v.pipe(
  v.strictObject({ prepend: v.exactOptional(text), append: v.exactOptional(text) }),
  v.check(
    ({ prepend, append }) => prepend !== undefined || append !== undefined,
    'expected prepend or append',
  ),
)

type Written = v.InferOutput<typeof text> | undefined

const read = async (written: Written, host: Host): Promise<string> => {
  if (written === undefined) return ''
  const said =
    typeof written === 'string' ? written : await readFile(host.path(written.file), 'utf8')
  return said.trim()
}

const isSystem = ({ role }: Message): boolean => role === 'system' || role === 'developer'

const ofParts = (content: Message['content']): content is readonly Part[] => Array.isArray(content)

const isText = (part: Part | undefined, said: string): boolean =>
  part?.type === 'text' && part.text === said

/** Stands between the YAML's text and the client's own. */
const gap = '\n\n'

/** Parts stay as they are, with the client's own marks of what is cached. */
const begun = (message: Message, said: string): Message => {
  const { content } = message
  if (ofParts(content))
    return isText(content[0], said)
      ? message
      : { ...message, content: [{ type: 'text', text: said }, ...content] }
  if (!content) return { ...message, content: said }
  return content.startsWith(said) ? message : { ...message, content: said + gap + content }
}

const ended = (message: Message, said: string): Message => {
  const { content } = message
  if (ofParts(content))
    return isText(content.at(-1), said)
      ? message
      : { ...message, content: [...content, { type: 'text', text: said }] }
  if (!content) return { ...message, content: said }
  return content.endsWith(said) ? message : { ...message, content: content + gap + said }
}

/** The request with a system prompt around the client's own; what is there already is not said again. */
const framed = (request: Request, prepend: string, append: string): Request => {
  const { messages = [] } = request
  const after = messages.findIndex((message) => !isSystem(message))
  const count = after === -1 ? messages.length : after
  if (count === 0) {
    const content = [prepend, append].filter(Boolean).join(gap)
    return { ...request, messages: [{ role: 'system', content }, ...messages] }
  }
  const changed = messages.map((message, at) => {
    const first = at === 0 && prepend ? begun(message, prepend) : message
    return at === count - 1 && append ? ended(first, append) : first
  })
  return changed.every((message, at) => message === messages[at])
    ? request
    : { ...request, messages: changed }
}

/** Says something to models before, or after, what the client's own system prompt says. */
export default definePlugin({
  name: 'system-prompt',
  options,
  operations: ['chat', 'count_tokens'],
  async setup(written, host) {
    const [prepend, append] = await Promise.all([
      read(written.prepend, host),
      read(written.append, host),
    ])
    return (call, next) => {
      const request = framed(call.request, prepend, append)
      return next(request === call.request ? call : { ...call, request })
    }
  },
})
