import { json } from '../content.ts'
import * as samples from '../samples/ledger.ts'
import { finding, read, type Family } from './notes.ts'
import { places } from './openai.ts'

const operations: Family['operations'] = {
  'GET /generation': {
    id: 'getGeneration',
    summary: 'What became of a call?',
    description:
      'Who answered a recent call, after which attempts, with how many tokens, in what time and at what cost. The last 10,000 calls of a day are kept in memory, for the key that made them; never what was asked or answered.',
    parameters: [
      {
        name: 'id',
        in: 'query',
        required: true,
        description: 'The call’s id, which its answer has in the header `x-generation-id`.',
        example: samples.generationId,
      },
    ],
    answer: { description: 'The record.', content: json('Generation', samples.generation) },
    refusals: [400, ...finding],
    headers: read,
  },
}

export const ledger: Family = { places, operations }
