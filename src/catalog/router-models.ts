import type { Config } from '../config.ts'
import type { Target } from '../router/routes/target.ts'
import { toModel, type Model } from './model.ts'
import { isFree } from './pricing.ts'

interface Kind {
  readonly name: string
  readonly description: string
  /** Whether it would ever choose this endpoint. */
  readonly takes: (target: Target) => boolean
}

const isPriced = ({ facts: { pricing } }: Target): boolean =>
  pricing?.prompt !== undefined && pricing.completion !== undefined

const kinds: Readonly<Record<string, Kind>> = {
  auto: {
    name: 'Auto',
    description: 'The cheapest model that clears what a request needs.',
    takes: isPriced,
  },
  free: {
    name: 'Free',
    description: 'A model that costs nothing and has what a request needs.',
    takes: ({ facts }) => isFree(facts.pricing),
  },
  local: {
    name: 'Local',
    description: 'A model of a runtime of your own.',
    takes: ({ provider }) => provider.local,
  },
}

const answersInText = ({ facts: { output_modalities } }: Target): boolean =>
  output_modalities === undefined || output_modalities.includes('text')

/** The models that choose one for each request, as far as there is something to choose from. */
export const routerModels = (
  { providers }: Pick<Config, 'providers'>,
  all: readonly Target[],
): readonly Model[] => {
  if (providers.has('sluice')) return []
  const texts = all.filter(answersInText)
  return Object.entries(kinds).flatMap(([kind, { name, description, takes }]) =>
    texts.some(takes)
      ? toModel(`sluice/${kind}`, 'sluice', [], {
          name,
          description,
          tokenizer: 'Router',
          router: true,
        })
      : [],
  )
}
