import { definePlugin, mapText, v } from 'sluice/plugin'

/** Masks words in answers, wherever the pieces of a stream were cut; tools get what they were sent. */
export default definePlugin({
  name: 'profanity',
  options: v.strictObject({ words: v.array(v.string()) }),
  operations: ['chat', 'completions'],
  setup({ words }) {
    const bad = new Set(words.map((word) => word.toLowerCase()))
    const mask = (word: string) => (bad.has(word.toLowerCase()) ? '*'.repeat(word.length) : word)
    return (call, next) =>
      mapText(next(call), ({ tool }) => {
        let held = ''
        return {
          push(text) {
            if (tool !== undefined) return text
            const parts = (held + text).split(/([^\p{L}]+)/u)
            held = parts.pop() ?? '' // the last word may go on in the next piece
            return parts.map(mask).join('')
          },
          end: () => mask(held),
        }
      })
  },
})
