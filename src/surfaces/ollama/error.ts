import type { GatewayError } from '../../errors.ts'

/** Ollama's errors are a sentence. */
export const toOllamaError = ({ message }: Pick<GatewayError, 'message'>) => ({ error: message })
