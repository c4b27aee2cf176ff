/** OpenRouter's names for families of tokenizers, by how models of them are called; the first that fits. */
const byName: readonly (readonly [RegExp, string])[] = [
  [/claude/, 'Claude'],
  [/gemini/, 'Gemini'],
  [/gemma/, 'Gemma'],
  [/grok/, 'Grok'],
  [/\bgpt|chatgpt|^o\d\b/, 'GPT'],
  [/qwen-?3/, 'Qwen3'],
  [/qwen|qwq/, 'Qwen'],
  [/deepseek/, 'DeepSeek'],
  [/mistral|mixtral|codestral|ministral|magistral|devstral|pixtral/, 'Mistral'],
  [/llama-?4/, 'Llama4'],
  [/llama-?3/, 'Llama3'],
  [/llama-?2/, 'Llama2'],
  [/command-|cohere/, 'Cohere'],
  [/\bnova-/, 'Nova'],
]

/** The family that a model's name tells of. */
export const tokenizerOf = (model: string): string => {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase()
  return byName.find(([pattern]) => pattern.test(name))?.[1] ?? 'Other'
}
