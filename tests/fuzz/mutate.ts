import type { Random } from '../support/random.ts'

/** Stands in every string that a mutation puts into a body: it must never come back. */
export const canary = 'CaNaRy7f3e'

type Path = readonly (string | number)[]

const pathsIn = (value: unknown, at: Path = []): Path[] => {
  if (typeof value !== 'object' || value === null) return [at]
  const inner = Array.isArray(value)
    ? value.flatMap((one, nth) => pathsIn(one, [...at, nth]))
    : Object.entries(value).flatMap(([key, one]) => pathsIn(one, [...at, key]))
  return [at, ...inner]
}

const valueAt = (value: any, path: Path): any => path.reduce((inner, step) => inner?.[step], value)

/** A copy with another value there. */
const withAt = (value: any, path: Path, next: unknown): any => {
  const [step, ...rest] = path
  if (step === undefined) return next
  if (Array.isArray(value))
    return value.map((one, nth) => (nth === step ? withAt(one, rest, next) : one))
  return { ...value, [step]: withAt(value[step], rest, next) }
}

const withoutAt = (value: any, path: Path): any => {
  const parent = path.slice(0, -1)
  const last = path.at(-1)
  if (last === undefined) return {}
  const list = valueAt(value, parent)
  const next = Array.isArray(list)
    ? list.filter((_, nth) => nth !== last)
    : Object.fromEntries(Object.entries(list).filter(([key]) => key !== last))
  return withAt(value, parent, next)
}

const deep = (levels: number): unknown => {
  let value: unknown = canary
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { inner: value }
  return value
}

const junk = (random: Random): unknown =>
  random.pick<() => unknown>([
    () => null,
    () => true,
    () => false,
    () => 0,
    () => -1,
    () => 1.5,
    () => 1e21,
    () => Number.MAX_SAFE_INTEGER,
    () => '',
    () => ' ',
    () => canary,
    () => `${canary}\n\u2028\u0001"\\`,
    () => `data:image/png;base64,${canary}`,
    () => `data:;base64,`,
    () => `data:application/pdf;base64,!!!${canary}`,
    () => `https://example.com/${canary}.png`,
    () => `gs://${canary}/x`,
    () => `file:///etc/${canary}`,
    () => `{"${canary}":`,
    () => '[]',
    () => 'null',
    () => '"text"',
    () => `SluiceSealV1${canary}`,
    () => 'SluiceSealV1eyJ9',
    () => 'SluiceSealV1bnVsbA',
    () => 'SluiceSealV1W251bGxd',
    () => 'SluiceSealV1WzEsInR3byIsW11d',
    () => [],
    () => {},
    () => ({}),
    () => [null],
    () => [[]],
    () => [canary],
    () => [1, 'two', null, {}],
    () => ({ type: null }),
    () => ({ type: canary }),
    () => ({ type: 'text' }),
    () => ({ type: 'text', text: null }),
    () => ({ type: 'text', text: 7 }),
    () => [{ type: 'text', text: canary }],
    () => [{ type: 'image_url' }],
    () => [{ type: 'image_url', image_url: canary }],
    () => [{ type: 'image', source: null }],
    () => [{ type: 'input_image' }],
    () => [{ inlineData: null }],
    () => [{ functionCall: null }, { functionResponse: {} }],
    () => [{ type: 'tool_result' }],
    () => [{ type: 'tool_use' }],
    () => [{ type: 'thinking' }],
    () => ({ [canary]: canary }),
    () => ({ ['__proto__' as string]: { polluted: canary } }),
    () => JSON.parse('{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{}}}'),
    () => ({ toString: 1, valueOf: null, hasOwnProperty: 'x', length: -1 }),
    () => deep(3 + Math.floor(random() * 40)),
    () => canary.repeat(2_000),
    () => `${canary}\ud83d\ude00${'漢'.repeat(500)}`,
    () => Array.from({ length: 200 }, (_, at) => at),
    () => Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`k${at}`, at])),
  ])()

const words =
  'type role content text model messages input contents parts tools tool_choice name id function arguments stream system instructions thinking reasoning signature data source url image_url file cache_control response_format stop max_tokens temperature n user metadata tool_calls tool_call_id call_id output functionCall functionResponse inlineData thoughtSignature generationConfig __proto__ constructor toString'.split(
    ' ',
  )

type Change = (body: any, random: Random) => unknown

const somewhere = (body: unknown, random: Random): Path => random.pick(pathsIn(body))
const listIn = (body: unknown, random: Random): Path | undefined => {
  const lists = pathsIn(body).filter((path) => Array.isArray(valueAt(body, path)))
  return lists.length > 0 ? random.pick(lists) : undefined
}
const objectIn = (body: unknown, random: Random): Path => {
  const objects = pathsIn(body).filter((path) => {
    const value = valueAt(body, path)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  })
  return objects.length > 0 ? random.pick(objects) : []
}

const replaced: Change = (body, random) =>
  withAt(body, somewhere(body, random), junk(random) ?? null)
const dropped: Change = (body, random) => withoutAt(body, somewhere(body, random))
const added: Change = (body, random) => {
  const path = objectIn(body, random)
  const object = valueAt(body, path)
  const key = random() < 0.2 ? canary : random.pick(words)
  // written with a computed key, so that `__proto__` is a member and no prototype
  return withAt(
    body,
    path,
    Object.fromEntries([...Object.entries(object ?? {}), [key, junk(random) ?? null]]),
  )
}
const repeated: Change = (body, random) => {
  const path = listIn(body, random)
  if (!path) return body
  const list: unknown[] = valueAt(body, path)
  return withAt(body, path, [...list, ...list])
}
const shuffled: Change = (body, random) => {
  const path = listIn(body, random)
  if (!path) return body
  const list: unknown[] = valueAt(body, path)
  return withAt(
    body,
    path,
    list.toSorted(() => random() - 0.5),
  )
}
const swapped: Change = (body, random) => {
  const one = somewhere(body, random)
  const other = somewhere(body, random)
  const moved = structuredClone(valueAt(body, other))
  return one.length === 0 ? body : withAt(body, one, moved ?? null)
}
const renamed: Change = (body, random) => {
  const path = objectIn(body, random)
  const entries = Object.entries(valueAt(body, path) ?? {})
  if (entries.length === 0) return body
  const [key] = random.pick(entries)
  return withAt(
    body,
    path,
    Object.fromEntries(
      entries.map(([name, value]) => [name === key ? random.pick(words) : name, value]),
    ),
  )
}
const wrapped: Change = (body, random) => {
  const path = somewhere(body, random)
  const value = valueAt(body, path)
  return path.length === 0 ? body : withAt(body, path, random() < 0.5 ? [value] : { value })
}

const changes: readonly Change[] = [
  replaced,
  replaced,
  replaced,
  dropped,
  dropped,
  added,
  added,
  repeated,
  shuffled,
  swapped,
  renamed,
  wrapped,
]

/** A valid body with one to four things changed; still JSON. */
export const mutated = (body: unknown, random: Random): unknown => {
  let next: unknown = body
  const times = 1 + Math.floor(random() * random() * 4)
  for (let time = 0; time < times; time++) next = random.pick(changes)(next, random)
  return next
}

type Spoil = (text: string, random: Random) => string | Uint8Array

const place = (text: string, random: Random): number => Math.floor(random() * text.length)

const spoils: readonly Spoil[] = [
  (text, random) => text.slice(0, place(text, random)),
  (text, random) => {
    const at = place(text, random)
    return text.slice(0, at) + random.pick([...'{}[]",:0\\ \u0000']) + text.slice(at + 1)
  },
  (text, random) => {
    const bytes = Buffer.from(text)
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
    return bytes
  },
  (text) => text.replace(/:"([^"]+)"/, `:"${canary}\\ud83d"`),
  (text) => text.replace(/:"([^"]+)"/, `:"${canary}\\udc00x\\u0000"`),
  (text) => text.replace('{', `{"model":"${canary}",`),
  (text) => text.replace('{', `{"mod\\u0065l":"${canary}",`),
  (text) => text.replace(/:\d+/, ':1e999'),
  (text) => text.replace(/:\d+/, ':-0.0000000000000000000001e-300'),
  (text) => `${'['.repeat(300)}${text}${']'.repeat(300)}`,
  (text) => `\uFEFF${text}`,
  (text) => text.replaceAll(',', ' ,\r\n\t').replaceAll(':', ' : '),
  (text) => `[${text}]`,
  (text) => `${text}${text}`,
  () => '',
  () => 'null',
  () => '"text"',
  () => `{"${canary}":1`,
]

/** The body's text, now and then spoiled. */
export const written = (body: unknown, random: Random): string | Uint8Array => {
  const text = JSON.stringify(body) ?? 'null'
  return random() < 0.15 ? random.pick(spoils)(text, random) : text
}
