/** Ollama's options and what they are called elsewhere; its others are about the machine. */
export const optionNames: Readonly<Record<string, string>> = {
  temperature: 'temperature',
  top_p: 'top_p',
  top_k: 'top_k',
  min_p: 'min_p',
  seed: 'seed',
  stop: 'stop',
  num_predict: 'max_tokens',
  repeat_penalty: 'repetition_penalty',
  frequency_penalty: 'frequency_penalty',
  presence_penalty: 'presence_penalty',
}

/** `done_reason` for a finish; Ollama ends with stop when it calls tools. */
export const toDoneReason = (finish: string | null | undefined): string =>
  finish === 'length' ? 'length' : 'stop'

/** Nanoseconds, as all of Ollama's durations are. */
export const nanoseconds = (milliseconds: number): number => Math.round(milliseconds * 1_000_000)

/** The version that clients are told: they look whether it knows tools, thinking and images. */
export const version = '0.13.0'

/** A name as the router knows it: Ollama's clients add the tag that is meant without one. */
export const toModel = (name: string): string => name.replace(/:latest$/, '')
