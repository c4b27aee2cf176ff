import { key } from 'sluice/plugin'

/** What stands for a value, and for how long: as long as the call. */
export interface Secret {
  readonly kind: string
  readonly value: string
}

/** What is masked in a call, by its placeholders; other privacy plugins, and what leaves by other ways, know them too. */
export const vault = key<Map<string, Secret>>('masked', () => new Map())
