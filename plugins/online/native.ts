import {
  candidatesOf,
  fittings,
  listOf,
  type Call,
  type Candidate,
  type Host,
  type Request,
  type Fields,
} from 'sluice/plugin'
import { given } from './given.ts'
import { toolWish, withoutWishes, type Wish } from './wishes.ts'

type Tool = Fields

/** How a provider searches by itself. */
interface Own {
  /** Whether it can keep to what is asked. */
  can(wish: Wish, request: Request): boolean
  /** The request in its own words. */
  ask(request: Request, wish: Wish): Request
}

const withTool = (request: Request, tool: Tool): Request => {
  const { tools } = request
  return { ...request, tools: [...listOf(tools), tool] }
}

const placeOf = ({ user_location: place }: Wish) =>
  place ? { user_location: { type: 'approximate', ...place } } : {}

const isPlain = (pattern: string): boolean => !/[*/]/.test(pattern)

const anthropic: Own = {
  can: ({ include_domains: include, exclude_domains: exclude }) =>
    !(include?.length && exclude?.length) &&
    [...(include ?? []), ...(exclude ?? [])].every((pattern) => !pattern.includes('*')),
  ask: (request, wish) =>
    withTool(request, {
      type: 'web_search_20250305',
      name: 'web_search',
      ...given('max_uses', wish.max_uses),
      ...given('allowed_domains', wish.include_domains),
      ...given('blocked_domains', wish.exclude_domains),
      ...placeOf(wish),
    }),
}

const responses: Own = {
  can: ({ include_domains: include, exclude_domains: exclude }) =>
    !exclude?.length && (include ?? []).every(isPlain),
  ask: (request, wish) =>
    withTool(request, {
      type: 'web_search',
      ...given('search_context_size', wish.search_context_size),
      ...(wish.include_domains?.length && { filters: { allowed_domains: wish.include_domains } }),
      ...placeOf(wish),
    }),
}

const gemini: Own = {
  // it searches or calls functions
  can: ({ include_domains: include, exclude_domains: exclude }, { tools }) =>
    !include?.length &&
    !exclude?.length &&
    (!Array.isArray(tools) || tools.every((tool) => toolWish(tool) !== undefined)),
  ask: (request) => withTool(request, { type: 'googleSearch', googleSearch: {} }),
}

/** OpenAI's models for search on chat completions. */
const searchModel: Own = {
  can: (wish) => !wish.include_domains?.length && !wish.exclude_domains?.length,
  ask: (request, { search_context_size: size, user_location: place }) => ({
    ...request,
    web_search_options: {
      ...given('search_context_size', size),
      ...(place && { user_location: { type: 'approximate', approximate: place } }),
    },
  }),
}

/** Models that search whatever they are asked. */
const always: Own = { can: searchModel.can, ask: searchModel.ask }

const openai = (format: string, model: string): Own | undefined =>
  format === 'responses' ? responses : /\bsearch\b/.test(model) ? searchModel : undefined

const formatFor = ({ provider: { dialects } }: Candidate, { source }: Call): string =>
  dialects.find((dialect) => dialect === source?.format) ?? dialects[0]

const ownOf = (candidate: Candidate, call: Call): Own | undefined => {
  const { preset } = candidate.provider
  const format = formatFor(candidate, call)
  if (preset === 'openai' || preset === 'azure') return openai(format, candidate.endpoint.model)
  if (preset === 'perplexity') return always
  if ((preset === 'anthropic' || preset === 'vertex-anthropic') && format === 'anthropic')
    return anthropic
  if ((preset === 'gemini' || preset === 'vertex') && format === 'gemini') return gemini
  return undefined
}

/** Whether the provider is a router that does what the client asked for itself. */
const isRouter = ({ provider }: Candidate): boolean => provider.preset === 'openrouter'

/** What the client said of searches, put back where it was taken out. */
const restored = (request: Request, { request: asked }: Call): Request => ({
  ...request,
  ...(asked.tools !== undefined && { tools: asked.tools }),
  ...(asked.tool_choice !== undefined && { tool_choice: asked.tool_choice }),
  ...(asked.plugins !== undefined && { plugins: asked.plugins }),
  ...(asked.web_search_options !== undefined && {
    web_search_options: asked.web_search_options,
  }),
})

/**
 * The call as providers' own search answers it, told to each in its own words; undefined where one that may be asked has
 * none, or none that keeps to what is wanted.
 * @param asked the call as it came
 * @param rest the call without what was asked of the plugin
 */
export const nativeCall = (host: Host, asked: Call, rest: Call, wish: Wish): Call | undefined => {
  const candidates = candidatesOf(rest, host)
  const able = (candidate: Candidate): boolean =>
    isRouter(candidate) || ownOf(candidate, rest)?.can(wish, rest.request) === true
  if (candidates.length === 0 || !candidates.every(able)) return undefined
  const inOwnWords = (candidate: Candidate): boolean =>
    isRouter(candidate) ||
    (formatFor(candidate, rest) === asked.source?.format && asked.source.format !== 'openai')
  // what came in the words of all who may be asked stays as it is
  if (asked === rest && !asked.request.web_search_options && candidates.every(inOwnWords))
    return asked
  rest.vars.get(fittings).push((placed, candidate) => {
    if (isRouter(candidate)) return restored(placed.request, asked)
    // a call that comes by again has been told already
    const request = withoutWishes(placed.request)
    return ownOf(candidate, placed)?.ask(request, wish) ?? request
  })
  return { ...rest, request: withoutWishes(rest.request) }
}
