const apiKey = (name: string) => ({
  type: 'apiKey',
  in: 'header',
  name,
  description: 'The same key in another header.',
})

/** `components.securitySchemes` */
export const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'A key of the plugin `auth`. Without that plugin, no key is needed.',
  },
  'x-api-key': apiKey('x-api-key'),
  'api-key': apiKey('api-key'),
}

/** No key or any one of them: whether one is needed, the configuration says. */
export const optionalKey: Record<string, string[]>[] = [
  {},
  ...Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
]

export const noKey: Record<string, string[]>[] = []
