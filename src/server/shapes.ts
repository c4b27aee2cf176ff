import { toOpenAIError } from '../surfaces/openai-error.ts'
import type { Surface } from '../surfaces/surface.ts'

/** How errors look to a client. */
export type Shape = Pick<Surface, 'error' | 'status' | 'headers'>

const openAI: Shape = { error: toOpenAIError }

/** By path, the first that fits; for errors that come before a surface is known. */
const shapes: readonly (readonly [RegExp, Shape])[] = []

/** The shape of errors at that path. */
export const shapeAt = (path: string): Shape =>
  shapes.find(([pattern]) => pattern.test(path))?.[1] ?? openAI
