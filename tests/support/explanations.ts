/** Where the member stands in the text: from its comma to its last brace. */
const memberIn = (text: string, name: string): readonly [number, number] => {
  const start = text.indexOf(`"${name}":`)
  if (start === -1) throw new Error(`no ${name} in ${text.slice(-300)}`)
  let at = start + name.length + 3
  let depth = 0
  for (let quoted = false; at < text.length; at++) {
    const sign = text[at]
    if (quoted && sign === '\\') at++
    else if (sign === '"') quoted = !quoted
    else if (!quoted && sign === '{') depth++
    else if (!quoted && sign === '}' && --depth === 0) break
  }
  return [start, at + 1]
}

/** The explanation in an answer as it came over the wire; throws where there is none. */
export const explanationIn = (text: string): any => {
  const [start, end] = memberIn(text, 'openrouter_metadata')
  return JSON.parse(text.slice(text.indexOf(':', start) + 1, end))
}

/** The answer without its explanation. */
export const unexplained = (text: string): string => {
  const [start, end] = memberIn(text, 'openrouter_metadata')
  const from = text[start - 1] === ',' ? start - 1 : start
  return text.slice(0, from) + text.slice(end)
}

/** One question in the words of each kind of client. */
export const surfaces = [
  'chat',
  'completions',
  'messages',
  'responses',
  'gemini',
  'ollama',
] as const
export type SurfaceName = (typeof surfaces)[number]

export interface Question {
  readonly model: string
  readonly stream?: boolean
  readonly headers?: Readonly<Record<string, string>>
  readonly more?: object
  /** `alt=sse` of Google's clients. */
  readonly array?: boolean
}

const prompt = 'Say hello.'
const messages = [{ role: 'user', content: prompt }]

const toRequest = (surface: SurfaceName, { model, stream = false, array }: Question) => {
  switch (surface) {
    case 'chat':
      return ['/v1/chat/completions', { model, stream, messages }] as const
    case 'completions':
      return ['/v1/completions', { model, stream, prompt }] as const
    case 'messages':
      return ['/v1/messages', { model, stream, max_tokens: 100, messages }] as const
    case 'responses':
      return ['/v1/responses', { model, stream, input: prompt }] as const
    case 'ollama':
      return ['/api/chat', { model, stream, messages }] as const
    case 'gemini': {
      const method = stream ? 'streamGenerateContent' : 'generateContent'
      const query = stream && !array ? '?alt=sse' : ''
      const body = { contents: [{ role: 'user', parts: [{ text: prompt }] }] }
      return [`/v1beta/models/${model}:${method}${query}`, body] as const
    }
  }
}

/** @param url of the daemon */
export const asks = (url: string, surface: SurfaceName, question: Question): Promise<Response> => {
  const [path, body] = toRequest(surface, question)
  return fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...question.headers },
    body: JSON.stringify({ ...body, ...question.more }),
  })
}
