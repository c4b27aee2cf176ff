import { GatewayError, type Screen } from 'sluice/plugin'
import { wordFor } from './actions.ts'
import { throughDisguise } from './disguised.ts'
import { edited } from './edits.ts'
import type { MaskingParts } from './masking.ts'
import { spansOf } from './spans.ts'
import { createTrie } from './trie.ts'
import { vault } from './vault.ts'

/**
 * What leaves by another way than a provider (a search, an address) has no way back: words stand in the place of what is
 * private, and of what stands for it. Throws `guardrail_blocked` that names kinds.
 */
export const createScreen =
  ({ find, actionOf }: Pick<MaskingParts, 'find' | 'actionOf'>): Screen =>
  (text, call) => {
    const masked = call.vars.get(vault)
    const known = createTrie(masked.keys())
    const bare = edited(
      text,
      known.find(text).map(({ start, end, word }) => ({
        start,
        end,
        with: wordFor(masked.get(word)?.kind ?? ''),
      })),
    )
    const spans = spansOf(throughDisguise(find)(bare), actionOf).filter(
      ({ action }) => action !== 'flag',
    )
    const patterns = new Set(
      spans.flatMap(({ kind, action }) => (action === 'block' ? [kind] : [])),
    )
    if (patterns.size > 0)
      throw new GatewayError('guardrail_blocked', {
        message: `A search or an address holds private data that may not be sent: ${[...patterns].sort().join(', ')}.`,
        metadata: { patterns: [...patterns].sort() },
      })
    return edited(
      bare,
      spans.map(({ kind, start, end }) => ({ start, end, with: wordFor(kind) })),
    )
  }
