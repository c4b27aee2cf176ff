/*
 * An example to copy: `sluice/plugin` is all that a plugin needs, wherever its file lies.
 *
 *   plugins:
 *     - example: { characters: 20000 }      # or  - ./my-plugin.ts: { characters: 20000 }
 *
 * It refuses prompts above a length, and logs how many characters each answer had once the answer has really ended.
 */
import { definePlugin, GatewayError, textsOf, v } from 'sluice/plugin'

export default definePlugin({
  name: 'example',

  // Checked when the YAML is loaded: a mistake is told with its line and column.
  options: v.strictObject({
    characters: v.optional(v.pipe(v.number(), v.minValue(1)), 100_000),
  }),

  // Once for each load of the YAML. What comes back wraps every call.
  setup({ characters }, host) {
    return async function* example(call, next) {
      const length = textsOf(call.request).join('').length
      if (length > characters)
        throw new GatewayError('payload_too_large', {
          message: `The prompt has ${length} characters; ${characters} are allowed.`,
        })

      let answered = 0
      try {
        // A whole answer is a stream of one chunk, so that there is one way for both.
        for await (const chunk of next(call)) {
          for (const { delta } of chunk.choices ?? []) answered += delta?.content?.length ?? 0
          yield chunk
        }
      } finally {
        // Here the stream has ended, by itself, by an error, or because the client left.
        host.log.info('answered', { id: call.id, characters: answered })
      }
    }
  },
})
