import { GatewayError, isOf, untrusted, v, type Host, type ServerTool } from 'sluice/plugin'
import type { Asked, Options } from './options.ts'

/** Letters of a token, about. */
const lettersOfToken = 4

const args = v.object({ url: v.string() })

const isPages = (error: unknown): error is GatewayError =>
  error instanceof GatewayError && error.code === 'invalid_request_error'

/** Which addresses may be read: of all lists that allow some, and of none that blocks. */
const permitting = (settings: Options, said: Asked) => {
  const among = (url: URL, patterns: readonly string[]) => patterns.some((one) => isOf(url, one))
  const blocked = [...settings.blocked_domains, ...(said.blocked_domains ?? [])]
  const allowing = [settings.allowed_domains, said.allowed_domains ?? []].filter(
    (list) => list.length > 0,
  )
  return (url: URL): boolean => allowing.every((list) => among(url, list)) && !among(url, blocked)
}

/** Reads pages for a model; a request can only narrow what the YAML allows. */
export const createTool = (host: Host, settings: Options, said: Asked): ServerTool => {
  const tokens = Math.min(said.max_content_tokens ?? Infinity, settings.max_content_tokens)
  const limits = {
    timeout: settings.timeout,
    bytes: settings.max_size,
    characters: tokens * lettersOfToken,
    allow: settings.allow,
    permits: permitting(settings, said),
  }
  return {
    name: 'web_fetch',
    description:
      'Reads a page of the web. Use it for addresses that the user or a search gave you.',
    parameters: {
      type: 'object',
      properties: { url: { type: 'string', description: 'An address that begins with http.' } },
      required: ['url'],
      additionalProperties: false,
    },
    maxUses: Math.min(said.max_uses ?? Infinity, settings.max_uses),
    async execute(given, call) {
      const asked = v.safeParse(args, given)
      if (!asked.success) return { text: 'The argument "url" is missing.', failed: true }
      try {
        const { url, title, text, cut } = await host.page(asked.output.url, call, limits)
        const page = [title && `# ${title}`, text, cut && '(There was more.)'].filter(Boolean)
        return {
          text: untrusted(`contents of ${new URL(url).host}`, page.join('\n\n')),
          sources: [{ url, ...(title && { title }) }],
        }
      } catch (error) {
        if (!isPages(error) || call.signal.aborted) throw error
        return { text: error.message, failed: true }
      }
    },
  }
}
