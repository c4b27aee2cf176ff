import { gemini } from '../../matrix/surfaces/gemini.ts'
import type { Agent } from './agent.ts'
import { declared } from './tools.ts'

export const geminiCli: Agent = {
  name: 'Gemini CLI',
  alike: ['gemini'],
  surface: gemini,
  path: (model) => `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
  headers: {
    'x-goog-api-key': 'sk-client',
    'x-goog-api-client': 'google-genai-sdk/1.30.0 gl-node/v22.21.1',
    'user-agent': 'GeminiCLI/0.61.0 (linux; x64)',
  },
  body: (_model, history) => ({
    contents: history,
    systemInstruction: {
      role: 'user',
      parts: [{ text: 'You are an interactive CLI agent.\n\n# Core Mandates\n- Größe.' }],
    },
    tools: [
      {
        functionDeclarations: declared.map(({ name, description, schema }) => ({
          name,
          description,
          parametersJsonSchema: schema,
        })),
      },
    ],
    generationConfig: {
      temperature: 1,
      topP: 0.95,
      topK: 64,
      thinkingConfig: { includeThoughts: true, thinkingBudget: 8_192 },
    },
  }),
  opening: [
    { role: 'user', parts: [{ text: '<session_context>\nToday is Tuesday.\n</session_context>' }] },
    { role: 'user', parts: [{ text: 'What is the weather in Zürich?' }] },
  ],
  user: (text) => [{ role: 'user', parts: [{ text }] }],
  // thoughts are shown to the user and not given back
  replay: ({ replay }) => {
    const parts = replay.parts.filter(({ thought }: any) => thought !== true)
    return [{ parts, role: 'model' }]
  },
  results: (results) => [
    {
      role: 'user',
      parts: results.map(({ call, output }) => ({
        functionResponse: { id: call.id, name: call.name, response: { output } },
      })),
    },
  ],
  keepsSeals: true,
}
