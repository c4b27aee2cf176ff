type Body = Readonly<Record<string, unknown>>

const json = (value: unknown): Response =>
  new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json' } })

const now = (): number => Math.floor(Date.now() / 1_000)

const wordsOf = (text: string): Set<string> =>
  new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])

const textOf = (document: unknown): string =>
  typeof document === 'string' ? document : String((document as Body | null)?.text ?? '')

/** The share of the query's words that a document has. */
const rerank = (body: Body): Response => {
  const query = wordsOf(String(body.query))
  const documents = Array.isArray(body.documents) ? body.documents.map(textOf) : []
  const results = documents
    .map((text, index) => {
      const shared = [...wordsOf(text)].filter((word) => query.has(word)).length
      return { index, relevance_score: shared / (query.size || 1), document: { text } }
    })
    .sort((one, other) => other.relevance_score - one.relevance_score)
    .slice(0, typeof body.top_n === 'number' ? body.top_n : undefined)
  const total_tokens = documents.reduce((sum, text) => sum + wordsOf(text).size, query.size)
  return json({ model: body.model, results, usage: { total_tokens, search_units: 1 } })
}

const kinds = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/intent',
  'self-harm/instructions',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
] as const

const each = <T>(value: T): Record<string, T> =>
  Object.fromEntries(kinds.map((kind) => [kind, value]))

const moderations = (body: Body): Response => {
  const texts = Array.isArray(body.input) && body.input.every((item) => typeof item === 'string')
  const count = texts ? (body.input as unknown[]).length : 1
  const result = {
    flagged: false,
    categories: each(false),
    category_scores: each(0),
    category_applied_input_types: each(['text']),
  }
  return json({
    id: `modr-${crypto.randomUUID()}`,
    model: body.model,
    results: Array.from({ length: count }, () => result),
  })
}

/** A blue square of 8 by 8. */
const square =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mPQztmAFTEMLQkA0FlRwRk0+foAAAAASUVORK5CYII='

const images = (body: Body): Response => {
  const count = Math.min(Math.max(Number(body.n ?? 1), 1), 10)
  const input_tokens = wordsOf(String(body.prompt)).size
  const usage = {
    input_tokens,
    output_tokens: count,
    total_tokens: input_tokens + count,
    input_tokens_details: { text_tokens: input_tokens, image_tokens: 0 },
    prompt_tokens: input_tokens,
    completion_tokens: count,
  }
  return json({
    created: now(),
    data: Array.from({ length: count }, () => ({ b64_json: square })),
    usage,
  })
}

/** Samples a second, and how many there are. */
const rate = 8_000
const samples = 2_000

/** A quarter of a second of 440 Hz. */
const beep = (): Uint8Array<ArrayBuffer> => {
  const wav = Buffer.alloc(44 + samples * 2)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(wav.length - 8, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(1, 22)
  wav.writeUInt32LE(rate, 24)
  wav.writeUInt32LE(rate * 2, 28)
  wav.writeUInt16LE(2, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(samples * 2, 40)
  for (let at = 0; at < samples; at++) {
    const fade = Math.min(1, at / 200, (samples - at) / 200)
    wav.writeInt16LE(
      Math.round(8_000 * fade * Math.sin((at * 440 * 2 * Math.PI) / rate)),
      44 + at * 2,
    )
  }
  return new Uint8Array(wav)
}

/** The answers of the demo provider that are neither text nor vectors, by the end of the address. */
export const media: Readonly<Record<string, (body: Body) => Response>> = {
  '/rerank': rerank,
  '/moderations': moderations,
  '/images/generations': images,
  '/audio/speech': () => new Response(beep(), { headers: { 'content-type': 'audio/wav' } }),
}

const transcript = (form: FormData): string => {
  const file = form.get('file')
  const what = file instanceof File ? `${file.name}, ${file.size} bytes` : 'nothing'
  return `The demo provider of Sluice hears nothing. It was sent ${what}.`
}

const textual: Readonly<Record<string, (text: string) => string>> = {
  text: (text) => `${text}\n`,
  srt: (text) => `1\n00:00:00,000 --> 00:00:01,000\n${text}\n`,
  vtt: (text) => `WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n${text}\n`,
}

/** A transcription: it says what it got. */
export const transcribe = (form: FormData): Response => {
  const text = transcript(form)
  const format = String(form.get('response_format') ?? 'json')
  const write = textual[format]
  if (write) return new Response(write(text), { headers: { 'content-type': 'text/plain' } })
  const usage = { type: 'duration', seconds: 1 }
  if (format !== 'verbose_json') return json({ text, usage })
  const segment = {
    id: 0,
    seek: 0,
    start: 0,
    end: 1,
    text,
    tokens: [],
    temperature: 0,
    avg_logprob: 0,
    compression_ratio: 1,
    no_speech_prob: 0,
  }
  return json({ task: 'transcribe', language: 'en', duration: 1, text, segments: [segment], usage })
}
