export const dialects = ['openai', 'responses', 'anthropic', 'gemini'] as const
export type Dialect = (typeof dialects)[number]

/** Where clients of each format ask for a model. */
export const surfaces = {
  chat: () => '/v1/chat/completions',
  responses: () => '/v1/responses',
  messages: () => '/v1/messages',
  gemini: (model: string) => `/v1beta/models/${model}:generateContent`,
} as const
export type SurfaceName = keyof typeof surfaces

/** A body of each format, which says no more than that. */
export const bodyFor = (surface: SurfaceName, model: string, system?: string): any => {
  const hello = [{ role: 'user', content: 'Hello!' }]
  switch (surface) {
    case 'chat':
      return {
        model,
        messages: [...(system ? [{ role: 'system', content: system }] : []), ...hello],
      }
    case 'responses':
      return { model, input: 'Hello!', ...(system && { instructions: system }) }
    case 'messages':
      return { model, max_tokens: 16_000, messages: hello, ...(system && { system }) }
    case 'gemini':
      return {
        contents: [{ role: 'user', parts: [{ text: 'Hello!' }] }],
        ...(system && { systemInstruction: { parts: [{ text: system }] } }),
      }
  }
}
