const header = (description: string, example: string | number) => ({
  description,
  schema: { type: typeof example === 'number' ? 'integer' : 'string' },
  example,
})

/** `components.headers` */
export const componentHeaders = {
  'x-request-id': header(
    'This request; name it when you report a problem.',
    'req_0a1b2c3d4e5f60718293a4b5c6d7e8f9',
  ),
  'x-generation-id': header('This generation.', 'gen-5f0c7d6e9b3a4c218f6d2e1b0a9c8d7e'),
  'x-sluice-attempts': header('How many sends to providers it took.', 1),
  'x-sluice-provider': header('The provider that answered.', 'demo'),
  'x-sluice-model': header('The model as that provider knows it.', 'demo'),
  'x-should-retry': header('Whether sending the same request again may help.', 'false'),
  'retry-after': header('Seconds to wait before that, where it is known.', 1),
  'retry-after-ms': header('The same in milliseconds.', 1000),
}

/** References to some of them. */
export const headerRefs = (names: readonly (keyof typeof componentHeaders)[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
