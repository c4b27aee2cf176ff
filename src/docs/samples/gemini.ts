import { hello, pieces } from './words.ts'

const named = { modelVersion: 'demo', responseId: 'chatcmpl-f3fe3ea7-e111-4628-bd53-2b06cd9f9f1f' }

const usage = { promptTokenCount: 3, candidatesTokenCount: 5, totalTokenCount: 8 }

const said = (text: string) => ({ content: { role: 'model', parts: [{ text }] }, index: 0 })

export const answer = {
  candidates: [{ ...said(hello), finishReason: 'STOP' }],
  usageMetadata: usage,
  ...named,
}

export const answers = [
  ...pieces.map((text) => ({ candidates: [said(text)], ...named })),
  { ...answer, candidates: [{ ...said(''), finishReason: 'STOP' }] },
]

export const answerStream = answers.map((piece) => `data: ${JSON.stringify(piece)}\n\n`).join('')

export const model = {
  name: 'models/demo/demo',
  version: '001',
  displayName: 'demo/demo',
  supportedGenerationMethods: [
    'generateContent',
    'streamGenerateContent',
    'countTokens',
    'embedContent',
    'batchEmbedContents',
  ],
}
