import type { FormName } from './forms.ts'

const apiKey = (where: 'header' | 'query', name: string, description: string) => ({
  type: 'apiKey',
  in: where,
  name,
  description,
})

const sameElsewhere = 'The same key in another header.'

/** `components.securitySchemes` */
export const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'A key of the plugin `auth`. Without that plugin, no key is needed.',
  },
  'x-api-key': apiKey('header', 'x-api-key', sameElsewhere),
  'api-key': apiKey('header', 'api-key', sameElsewhere),
  'x-goog-api-key': apiKey(
    'header',
    'x-goog-api-key',
    'The same key, where Google’s clients put it.',
  ),
  key: apiKey('query', 'key', 'The same key in the address, for Google’s clients only.'),
}

const allowed = (names: readonly string[]): Record<string, string[]>[] => [
  {},
  ...names.map((name) => ({ [name]: [] })),
]

const { key: _inQuery, ...inHeaders } = securitySchemes

/** No key or any one of them: whether one is needed, the configuration says. */
export const optionalKey = allowed(Object.keys(inHeaders))

const googles = allowed(Object.keys(securitySchemes))

export const securityAt = (form: FormName) => (form === 'Gemini' ? googles : optionalKey)

export const noKey: Record<string, string[]>[] = []
