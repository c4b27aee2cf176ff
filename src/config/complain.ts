import type { Path } from './model.ts'

/** Notes what is wrong at a path, at its value unless told otherwise. */
export type Complain = (path: Path, message: string, part?: 'key' | 'value') => void
