import { beginsWord } from './characters.ts'
import type { Add } from './hit.ts'

const jwt =
  /eyJ[\w-]{10,}\.(?:eyJ[\w-]{6,}\.[\w-]{10,}|[\w-]{0,1000}\.[\w-]{10,100}\.[\w-]{6,}\.[\w-]{16,100})/y

/** Signed and encrypted tokens, by the JSON that their header begins with. */
export const findWebTokens = (text: string, add: Add): void => {
  let from = 0
  for (let at = text.indexOf('eyJ'); at >= 0; at = text.indexOf('eyJ', from)) {
    from = at + 3
    if (!beginsWord(text, at)) continue
    jwt.lastIndex = at
    const token = jwt.exec(text)?.[0]
    if (token === undefined) {
      while (/[\w-]/.test(text.charAt(from))) from++
      continue
    }
    from = at + token.length
    add('secret', at, from)
  }
}
