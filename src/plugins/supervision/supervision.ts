import type { LoadedPlugin } from '../../plugins.ts'

/** The limits under which a plugin runs. */
export interface Supervision {
  /** Whether a call goes on without it when it fails. */
  readonly skip: boolean
  /** Milliseconds of its own until it first waits for what it wraps or hands something on. */
  readonly request: number
  /** Milliseconds of its own at a time after that. */
  readonly chunk: number
}

export const unlimited: Supervision = { skip: false, request: Infinity, chunk: Infinity }

/** Milliseconds of plugins that are not our own. */
const usual = { request: 30_000, chunk: 10_000 }

/** What the YAML says of a plugin, and what holds where it says nothing; undefined where nobody need look. */
export const supervisionOf = ({
  builtin,
  terms: { on_error, time },
}: Pick<LoadedPlugin, 'builtin' | 'terms'>): Supervision | undefined => {
  const { request, chunk } = builtin ? unlimited : usual
  const supervision = { skip: on_error === 'skip', request, chunk, ...time }
  const isFree = supervision.request === Infinity && supervision.chunk === Infinity
  return isFree && !supervision.skip ? undefined : supervision
}
