import { created, named } from './words.ts'

const documents = ['Geneva lies on a lake.', 'Bern is the seat of the government.']

/** A blue square. */
const square =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mPQztmAFTEMLQkA0FlRwRk0+foAAAAASUVORK5CYII='

/** A thousandth of a second of silence, as a WAV file in base64. */
export const silence = 'UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQgAAACAgICAgICAgA=='

export const rerankRequest = {
  model: 'demo/demo',
  query: 'Where is the government?',
  documents,
}

export const ranking = {
  id: 'gen-5f0c7d6e9b3a4c218f6d2e1b0a9c8d7e',
  model: 'demo',
  provider: 'demo',
  results: [
    { index: 1, relevance_score: 0.75, document: { text: documents[1] } },
    { index: 0, relevance_score: 0, document: { text: documents[0] } },
  ],
  usage: { total_tokens: 14, search_units: 1 },
}

export const moderation = {
  id: 'modr-0f2d8a6e-0c5b-4c39-9a0b-5a3a9d1f7c42',
  model: 'demo',
  provider: 'demo',
  results: [
    {
      flagged: false,
      categories: { harassment: false, violence: false },
      category_scores: { harassment: 0, violence: 0 },
    },
  ],
}

export const images = { created, provider: 'demo', data: [{ b64_json: square }] }

export const imageStream = `${named([
  {
    type: 'image_generation.completed',
    b64_json: square,
    created_at: created,
    size: 'auto',
    output_format: 'png',
  },
])}data: [DONE]\n\n`

const said = 'Good morning.'

export const transcription = { text: said, usage: { type: 'duration', seconds: 1 } }

export const transcript = `${said}\n`

export const transcriptionStream = [
  { type: 'transcript.text.delta', delta: said },
  { type: 'transcript.text.done', text: said },
]
  .map((event) => `data: ${JSON.stringify(event)}\n\n`)
  .concat('data: [DONE]\n\n')
  .join('')
