/** Copies all that it sees: nothing may depend on what is the same object. */
const copied = `
import { definePlugin, v } from 'sluice/plugin'

const copyOf = (value) =>
  Array.isArray(value) ? value.map(copyOf)
  : typeof value === 'object' && value !== null
    ? { ...value, ...Object.fromEntries(Object.entries(value).map(([k, v]) => [k, copyOf(v)])) }
    : value

export default definePlugin({
  name: 'copied',
  options: v.strictObject({}),
  setup: () => async function* copied(call, next) {
    for await (const chunk of next({ ...call, request: copyOf(call.request) })) yield copyOf(chunk)
  },
})`

/** Holds the end of every text back, as plugins do that look for words, until the finish. */
const held = `
import { definePlugin, mapText, v } from 'sluice/plugin'

const holder = () => {
  let kept = ''
  return {
    push(text) {
      const all = [...kept + text]
      kept = all.slice(-3).join('')
      return all.slice(0, -3).join('')
    },
    end: () => kept,
  }
}

export default definePlugin({
  name: 'held',
  options: v.strictObject({}),
  setup: () => async function* held(call, next) {
    yield* mapText(next(call), holder)
  },
})`

/** A caller of its own for each request, unless that says: what the daemon remembers of a caller helps nobody else. */
export const callers = `
import { caller, definePlugin, v } from 'sluice/plugin'

let count = 0

export default definePlugin({
  name: 'callers',
  options: v.strictObject({}),
  setup: () => (call, next) => {
    const name = call.headers.get('x-matrix-caller') ?? \`nobody \${count++}\`
    call.vars.set(caller, { name, tags: {} })
    return next(call)
  },
})`

/** Plugins that change nothing of what is said, though much of how it travels. */
export const plugins = { copied, held } as const
export type PluginName = keyof typeof plugins
