import type { Endpoint } from '../chat.ts'
import type { Target } from '../router/routes/target.ts'
import type { Facts } from './facts.ts'

/** One place where a model is answered, and what is known of it there. */
export interface ListedEndpoint extends Endpoint {
  readonly facts: Facts
}

/** A name that a client can ask for, and what is known of it at its first endpoint. */
export interface Model extends Facts {
  readonly id: string
  readonly object: 'model'
  /** Seconds since 1970; the daemon's start where it is not known. */
  readonly created: number
  /** A provider, or `sluice` for what the config made. */
  readonly owned_by: string
  readonly name: string
  /** In the order in which they are written; several stand for one only where a name leads to several. */
  readonly endpoints: readonly ListedEndpoint[]
  /** The model behind another's name. */
  readonly alias_target?: { readonly name: string; readonly slug: string }
  /** Whether it stands for whatever suits a call. */
  readonly router?: true
}

export const toListedEndpoint = ({ endpoint, facts }: Target): ListedEndpoint => ({
  ...endpoint,
  facts,
})

const started = Math.floor(Date.now() / 1_000)

/** A model by that name at those endpoints, the first of which speaks for it but for what is `own`. */
export const toModel = (
  id: string,
  owner: string,
  endpoints: readonly ListedEndpoint[],
  own: Partial<Model> = {},
): Model => {
  const facts = endpoints[0]?.facts ?? {}
  return {
    ...facts,
    object: 'model',
    created: facts.created ?? started,
    owned_by: owner,
    name: facts.name ?? id,
    endpoints,
    ...own,
    id,
  }
}
