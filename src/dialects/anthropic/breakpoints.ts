import { isObject, type Fields } from '../../fields.ts'
/** The API takes no more. */
const most = 4

const without = ({ cache_control: _dropped, ...rest }: Fields): Fields => rest

/** Every block of a list in order, with what it holds; `visit` gives what to put in its place. */
const mapBlocks = (list: unknown, visit: (block: Fields) => Fields): unknown =>
  Array.isArray(list)
    ? list.map((block: unknown) => {
        if (!isObject(block)) return block
        const inside = Array.isArray(block.content)
          ? { ...block, content: mapBlocks(block.content, visit) }
          : block
        return visit(inside)
      })
    : list

const mapMessages = (messages: unknown, visit: (block: Fields) => Fields): unknown =>
  Array.isArray(messages)
    ? messages.map((message: Fields) => ({
        ...message,
        content: mapBlocks(message.content, visit),
      }))
    : messages

/** The body with at most four breakpoints; those go first that stand earliest in the conversation, then in `system`. */
export const trimBreakpoints = (body: Fields): Fields => {
  let count = body.cache_control ? 1 : 0
  const counted = (block: Fields): Fields => {
    if (block.cache_control) count++
    return block
  }
  mapBlocks(body.tools, counted)
  mapBlocks(body.system, counted)
  mapMessages(body.messages, counted)
  let surplus = count - most
  if (surplus <= 0) return body
  const trimmed = (block: Fields): Fields => {
    if (!block.cache_control || surplus <= 0) return block
    surplus--
    return without(block)
  }
  const messages = mapMessages(body.messages, trimmed)
  const system = mapBlocks(body.system, trimmed)
  const tools = mapBlocks(body.tools, trimmed)
  return {
    ...body,
    ...(body.tools !== undefined && { tools }),
    ...(body.system !== undefined && { system }),
    messages,
  }
}
