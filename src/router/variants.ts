import type { Request } from '../chat.ts'
import type { Config, Preferences } from '../config.ts'
const sorts = { nitro: 'throughput', floor: 'price', exacto: 'exacto' } as const
export const variantPreferences = (names: readonly string[], config: Config): Preferences => {
  let all: Preferences = {}
  for (const name of names)
    all = {
      ...all,
      ...config.variants.get(name)?.provider,
      ...(name in sorts && { sort: sorts[name as 'nitro'] }),
    }
  return all
}
export const variantParameters = (
  names: readonly string[],
  config: Config,
): Partial<Request> | undefined => {
  const { provider: _p, ...rest } = config.variants.get(names[0] ?? '') ?? {}
  return rest
}
