import {
  candidatesOf,
  definePlugin,
  parametersOf,
  withTools,
  type Call,
  type Host,
} from 'sluice/plugin'
import { anthropicsWish, asked, options } from './web-fetch/options.ts'
import { createTool } from './web-fetch/tool.ts'

/** Whether the provider may read pages itself when it is asked in Anthropic's words. */
const isAnthropics = (host: Host, call: Call): boolean =>
  candidatesOf(call, host).some(({ provider }) => provider.dialects.includes('anthropic'))

/**
 * Reads pages of the web for models that ask for them: the server tool `openrouter:web_fetch`, the plugin `web-fetch`, and
 * Anthropic's own tool where another provider's model is asked.
 */
export default definePlugin({
  name: 'web-fetch',
  options,
  asked,
  operations: ['chat', 'count_tokens'],
  order: [
    { outside: 'privacy', why: 'what a page says is masked only where it comes by' },
    { outside: 'fallback', why: 'it would read pages anew for every endpoint that is tried' },
  ],
  setup: (settings, host) => (asking, next) => {
    const { options: said, call } = host.asked(asking)
    const always = said ? [createTool(host, settings, said)] : []
    return withTools(call, next, always, (entry) => {
      const native = anthropicsWish(entry)
      const wish = native
        ? !isAnthropics(host, call) && native
        : parametersOf(call, entry, 'openrouter:web_fetch', asked)
      return wish ? createTool(host, settings, wish) : undefined
    })
  },
})
