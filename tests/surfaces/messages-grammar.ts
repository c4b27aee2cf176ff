/** What a client of Anthropic's stream makes of it; throws where the grammar is broken. */
export interface Told {
  readonly message: any
  readonly events: readonly { readonly name: string; readonly body: any }[]
  readonly error: any
}

const must = (holds: unknown, what: string): void => {
  if (!holds) throw new Error(`the grammar is broken: ${what}`)
}

const deltas: Readonly<Record<string, readonly string[]>> = {
  text: ['text_delta', 'citations_delta', 'tint_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
}

export const eventsIn = (sse: string) =>
  sse
    .split('\n\n')
    .filter((event) => event !== '' && !event.startsWith(':'))
    .map((event) => {
      const match = /^event: (\S+)\ndata: (.*)$/.exec(event)
      if (!match) throw new Error(`no event: ${event}`)
      return { name: match[1]!, body: JSON.parse(match[2]!) }
    })

const add = (block: any, delta: any): void => {
  switch (delta.type) {
    case 'text_delta':
      block.text += delta.text
      break
    case 'thinking_delta':
      must(block.signature === '', 'a thought goes on after its signature')
      block.thinking += delta.thinking
      break
    case 'signature_delta':
      block.signature += delta.signature
      break
    case 'input_json_delta':
      block.json = (block.json ?? '') + delta.partial_json
      break
    case 'citations_delta':
      block.citations = [...(block.citations ?? []), delta.citation]
      break
  }
}

/** Folds a stream as strictly as the format is meant. */
export const tell = (sse: string): Told => {
  const events = eventsIn(sse)
  let message: any
  let open: number | undefined
  let ended = false
  let delta = false
  let error: any
  for (const { name, body } of events) {
    must(name === body.type, `${name} is not ${body.type}`)
    must(!ended && error === undefined, `${name} after the end`)
    if (name === 'ping' || name === 'weather_report') continue
    if (name === 'error') {
      must(typeof body.error.type === 'string' && typeof body.error.message === 'string', 'error')
      error = body
      continue
    }
    if (name === 'message_start') {
      must(message === undefined, 'a second message_start')
      message = structuredClone(body.message)
      must(message.content.length === 0 && message.role === 'assistant', 'message_start')
      must(typeof message.usage.input_tokens === 'number', 'message_start without usage')
      continue
    }
    must(message !== undefined, `${name} before message_start`)
    switch (name) {
      case 'content_block_start':
        must(open === undefined, 'a block inside a block')
        must(!delta, 'a block after message_delta')
        must(body.index === message.content.length, `block ${body.index} is out of order`)
        open = body.index
        message.content.push(structuredClone(body.content_block))
        break
      case 'content_block_delta': {
        must(open === body.index, `a delta for block ${body.index}, open is ${open}`)
        const block = message.content[body.index]
        must(deltas[block.type]?.includes(body.delta.type), `${body.delta.type} in ${block.type}`)
        add(block, body.delta)
        break
      }
      case 'content_block_stop':
        must(open === body.index, `a stop for block ${body.index}, open is ${open}`)
        open = undefined
        break
      case 'message_delta':
        must(open === undefined, 'message_delta inside a block')
        must(!delta, 'a second message_delta')
        must(typeof body.usage.output_tokens === 'number', 'message_delta without usage')
        delta = true
        Object.assign(message, body.delta)
        Object.assign(message.usage, body.usage)
        break
      case 'message_stop':
        must(delta, 'message_stop without message_delta')
        ended = true
        break
      default:
        throw new Error(`the grammar is broken: unknown ${name}`)
    }
  }
  must(ended || error !== undefined, 'it does not end')
  for (const block of message?.content ?? []) {
    if (block.json === undefined) continue
    block.input = block.json === '' ? {} : JSON.parse(block.json)
    delete block.json
  }
  return { message, events, error }
}
