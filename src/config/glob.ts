/** What the `*` of a pattern stands for in a model, or `undefined` when it does not match. */
export function matchGlob(pattern: string, model: string): string | undefined {
  const star = pattern.indexOf('*')
  if (star < 0) return undefined
  const before = pattern.slice(0, star)
  const after = pattern.slice(star + 1)
  const fits = model.length >= before.length + after.length
  if (!fits || !model.startsWith(before) || !model.endsWith(after)) return undefined
  return model.slice(before.length, model.length - after.length)
}

/** The route of a model: its own name, else the longest glob that matches. */
export function routeOf(names: Iterable<string>, model: string): string | undefined {
  const all = [...names]
  if (all.includes(model)) return model
  return all
    .filter((name) => matchGlob(name, model) !== undefined)
    .toSorted((a, b) => b.length - a.length)[0]
}
