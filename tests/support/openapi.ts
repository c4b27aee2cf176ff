/** One operation of an OpenAPI document. */
export interface Documented {
  readonly path: string
  readonly method: string
  readonly operation: any
}

export const operationsOf = ({ paths }: any): Documented[] =>
  Object.entries<any>(paths).flatMap(([path, item]) =>
    Object.entries<any>(item).map(([method, operation]) => ({ path, method, operation })),
  )

/** `POST /v1/messages` */
export const named = ({ path, method }: Pick<Documented, 'path' | 'method'>): string =>
  `${method.toUpperCase()} ${path}`

/** Every object inside a JSON value, with the way to it. */
export function* objectsIn(
  value: any,
  way: readonly string[] = [],
): Generator<[string[], Record<string, any>]> {
  if (typeof value !== 'object' || value === null) return
  yield [[...way], value]
  for (const [key, item] of Object.entries(value)) yield* objectsIn(item, [...way, key])
}

export const refsIn = (value: any): string[] =>
  [...objectsIn(value)].flatMap(([, object]) =>
    typeof object.$ref === 'string' ? [object.$ref] : [],
  )

/** What a JSON pointer points at. */
export const at = (root: any, pointer: string): any =>
  pointer
    .slice('#/'.length)
    .split('/')
    .reduce((value, key) => value?.[key], root)

/** The value, or what it refers to. */
export const resolve = (document: any, value: any): any =>
  value?.$ref === undefined ? value : at(document, value.$ref)

/** The names of the components that a body’s schema stands for. */
export const schemasOf = (schema: any): string[] =>
  [schema, schema.items, ...(schema.anyOf ?? [])].flatMap((one) =>
    typeof one?.$ref === 'string' ? [one.$ref.split('/').at(-1)] : [],
  )

export interface Event {
  readonly event?: string
  readonly data: string
}

/** The events of a stream; throws for anything else. */
export const eventsIn = (text: string): Event[] => {
  if (!text.endsWith('\n\n')) throw new Error(`ends within an event: ${text.slice(-100)}`)
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((block) => {
      const match = /^(?:event: (.+)\n)?data: (.+)$/.exec(block)
      if (!match?.[2]) throw new Error(`not an event: ${block.slice(0, 100)}`)
      return { ...(match[1] && { event: match[1] }), data: match[2] }
    })
}
