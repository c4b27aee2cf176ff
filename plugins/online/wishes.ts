import { isObject, listOf, v, type Request } from 'sluice/plugin'
import type { Asked } from './options.ts'
import { contextSize, domains, engineMode, userLocation } from './wanted.ts'

/** What is asked of the searches of one request. */
export interface Wish extends Asked {
  /** Of each result. */
  readonly max_characters?: number | null | undefined
  /** Of all searches together. */
  readonly max_total_results?: number | null | undefined
}

/** Fields of a tool that are not about searching are ignored. */
const lenient = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.optional(v.fallback(v.nullish(schema), undefined))

const positive = (most: number) =>
  lenient(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.transform((n) => Math.min(n, most)),
    ),
  )

const filters = {
  allowed_domains: lenient(domains),
  blocked_domains: lenient(domains),
  excluded_domains: lenient(domains),
}

const written = v.object({
  engine: lenient(v.pipe(v.string(), v.maxLength(40))),
  mode: lenient(engineMode),
  max_results: positive(25),
  max_uses: positive(20),
  max_characters: positive(50_000),
  max_total_results: positive(200),
  search_context_size: lenient(contextSize),
  user_location: lenient(userLocation),
  filters: lenient(v.object(filters)),
  ...filters,
})

const searching =
  /^(openrouter:web_search|web_search(_preview)?(_\d{4}_?\d\d_?\d\d)?|googleSearch(Retrieval)?)$/

const wishOf = (tool: unknown): Wish => {
  const {
    filters,
    allowed_domains = filters?.allowed_domains,
    excluded_domains = filters?.excluded_domains,
    blocked_domains = filters?.blocked_domains,
    ...rest
  } = v.parse(written, tool)
  return {
    ...rest,
    include_domains: allowed_domains,
    exclude_domains: excluded_domains ?? blocked_domains,
  }
}

/** What a tool wants that lets the model search: OpenRouter's, OpenAI's, Anthropic's or Google's. */
export const toolWish = (tool: unknown): Wish | undefined => {
  if (!isObject(tool) || typeof tool.type !== 'string' || !searching.test(tool.type))
    return undefined
  const { parameters } = tool
  return wishOf({ ...tool, ...(isObject(parameters) && parameters) })
}

const toolsOf = ({ tools }: Request): readonly unknown[] => listOf(tools)

/** What the request's tools want, if one of them lets the model search. */
export const toolsWish = (request: Request): Wish | undefined =>
  toolsOf(request)
    .map(toolWish)
    .find((wish) => wish !== undefined)

/** Several wishes as one; of what two of them say, the later holds. */
export const together = (...wishes: readonly (Wish | undefined)[]): Wish =>
  Object.assign(
    {},
    ...wishes.map((wish = {}) =>
      Object.fromEntries(Object.entries(wish).filter(([, said]) => said !== undefined)),
    ),
  ) as Wish

/** What OpenAI's `web_search_options` want. */
export const optionsWish = ({ web_search_options: said }: Request): Wish | undefined => {
  if (!isObject(said)) return undefined
  const { user_location: place } = said
  return wishOf({ ...said, user_location: isObject(place) ? (place.approximate ?? place) : place })
}

const nameOf = (tool: unknown): unknown => {
  if (!isObject(tool)) return undefined
  return isObject(tool.function) ? tool.function.name : (tool.name ?? tool.type)
}

/** The request without what asks for a search. */
export const withoutWishes = (request: Request): Request => {
  const { web_search_options: _options, ...rest } = request
  const tools = toolsOf(rest)
  const others = tools.filter((tool) => !toolWish(tool))
  if (others.length === tools.length) return rest
  const { tools: _tools, tool_choice: choice, ...bare } = rest
  if (others.length === 0) return bare
  // a tool that was taken out cannot be the chosen one
  const stays =
    !isObject(choice) ||
    others.map(nameOf).includes(nameOf(choice)) ||
    choice.type === 'allowed_tools'
  return { ...bare, tools: others, ...(choice !== undefined && stays && { tool_choice: choice }) }
}
