import type { Feature } from './bench.ts'
import { caching } from './features/caching.ts'
import { abort, errors } from './features/failures.ts'
import { files, images } from './features/media.ts'
import { reasoning } from './features/reasoning.ts'
import { citations, stop, structured, text, usage } from './features/talk.ts'
import { forced, parallel, tools } from './features/tools.ts'

/** The columns of the matrix, in order. */
export const features: readonly Feature[] = [
  text,
  tools,
  parallel,
  forced,
  images,
  files,
  structured,
  reasoning,
  caching,
  citations,
  errors,
  usage,
  stop,
  abort,
]
