import { problemAt, type Config, type Problem } from '../config.ts'
import type { Order } from './definition.ts'
import type { LoadedPlugin } from '../plugins.ts'

const misplaced = (
  plugin: LoadedPlugin,
  order: Order,
  plugins: readonly LoadedPlugin[],
): string | undefined => {
  const at = plugins.indexOf(plugin)
  const isOutside = 'outside' in order
  const other = isOutside ? order.outside : order.inside
  const wrong = plugins.some(
    ({ name }, place) => name === other && (isOutside ? place < at : place > at),
  )
  return wrong ? `should stand ${isOutside ? 'before' : 'after'} ${other}: ${order.why}` : undefined
}

/** Warnings about the order of the plugins, which may be as the user wants it. */
export const misplacedIn = (
  plugins: readonly LoadedPlugin[],
  { source }: Pick<Config, 'source'>,
): Problem[] =>
  plugins.flatMap((plugin, at) => {
    const { name, definition, terms } = plugin
    const messages = (definition.order ?? []).map((order) => misplaced(plugin, order, plugins))
    const isTwice = plugins.some(
      (other, place) => place < at && other.name === name && !other.terms.for && !terms.for,
    )
    return [
      ...messages,
      isTwice
        ? `stands twice, and calls go through both; "for" says whose go through which`
        : undefined,
    ].flatMap((message) =>
      message === undefined ? [] : [problemAt(source, plugin.at, `${name} ${message}`, 'key')],
    )
  })
