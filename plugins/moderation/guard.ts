import type { TextMapper } from 'sluice/plugin'
import type { Matcher } from './matcher.ts'

/** Lets a text through as far as it surely has none of the words. @param refuse throws */
export const createGuard = (matcher: Matcher, refuse: () => never): TextMapper => {
  let held = ''
  return {
    push(text) {
      held += text
      if (matcher.has(held, true)) refuse()
      const from = matcher.unsure(held)
      const sure = held.slice(0, from)
      held = held.slice(from)
      return sure
    },
    end() {
      if (matcher.has(held)) refuse()
      return held
    },
  }
}
