import { isObject, listOf, type Fields } from '../../fields.ts'
import { place, sealed } from '../../formats/anthropic/marks.ts'
import { open, seal } from '../../formats/envelope.ts'
import { wordOf } from '../../formats/unchecked.ts'
import {
  argumentsOf,
  fetchTool,
  isServerCall,
  searchTool,
  serverCall,
  type Running,
} from '../../server-call.ts'

/** How the ids of our calls begin, which tells them from those that Anthropic ran. */
const ours = 'srvtoolu_Sluice'

const idOf = (id: unknown): string => ours + wordOf(id).replace(/\W/g, '_')

const names: Readonly<Record<string, string>> = {
  [searchTool]: 'web_search',
  [fetchTool]: 'web_fetch',
}

/** The block that a call is, where this format has one for it. */
const toUse = ({ id, type, arguments: json }: Running): Fields | undefined => {
  const name = names[type]
  return name === undefined
    ? undefined
    : { type: 'server_tool_use', id: idOf(id), name, input: argumentsOf(json) }
}

const failure = (name: string): Fields => ({
  type: `${name}_tool_result_error`,
  error_code: 'unavailable',
})

/** What was found, one block for each place; the first carries what the model read. */
const toFound = (detail: Fields): Fields[] =>
  listOf(detail.sources)
    .filter(isObject)
    .map(({ url, title }, at) => ({
      type: 'web_search_result',
      url,
      title: wordOf(title) || url,
      encrypted_content: seal(at === 0 ? [{ ...detail, sources: undefined }] : []),
      page_age: null,
    }))

const toPage = ({ result, sources }: Fields): Fields => {
  const [source] = listOf(sources).filter(isObject)
  return {
    type: 'web_fetch_result',
    url: wordOf(source?.url),
    retrieved_at: null,
    content: {
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: result },
      title: wordOf(source?.title) || null,
      citations: null,
    },
  }
}

/** The block that a result is, where this format has one for it. */
const toResult = (detail: Fields): Fields | undefined => {
  const name = names[wordOf(detail.tool_name)]
  if (name === undefined) return undefined
  const found = detail.tool_name === searchTool ? toFound(detail) : toPage(detail)
  return {
    type: `${name}_tool_result`,
    tool_use_id: idOf(detail.tool_call_id),
    content: detail.failed ? failure(name) : found,
    caller: { type: 'direct' },
  }
}

/** The blocks of calls and results, each of which is told once. */
export const createRuns = () => {
  const begun = new Set<unknown>()
  const begin = (tool: Running): readonly Fields[] => {
    const use = toUse(tool)
    if (use) begun.add(tool.id)
    return use ? [use] : []
  }
  return {
    begin,
    /** What this format has no block for is carried as thoughts of another vendor's are. */
    end(detail: Fields): readonly Fields[] {
      const { tool_call_id: id, tool_name: type, arguments: json } = detail
      const result = toResult(detail)
      if (!result) return [{ type: 'redacted_thinking', data: seal([detail]) }]
      if (begun.has(id)) return [result]
      return [...begin({ id: wordOf(id), type: wordOf(type), arguments: wordOf(json) }), result]
    },
  }
}

const isOurs = (id: unknown): id is string => typeof id === 'string' && id.startsWith(ours)

const read = (use: Fields | undefined, { content, tool_use_id }: Fields): Fields => {
  const [sealedHere] = listOf(content).flatMap((one) =>
    isObject(one) ? (open(one.encrypted_content) ?? []) : [],
  )
  if (isServerCall(sealedHere)) return sealedHere
  const page = isObject(content) && isObject(content.content) ? content.content.source : undefined
  return {
    type: serverCall,
    tool_name: use?.name === 'web_fetch' ? fetchTool : searchTool,
    arguments: JSON.stringify(use?.input ?? {}),
    result: isObject(page) ? wordOf(page.data) : 'Nothing was found.',
    tool_call_id: wordOf(tool_use_id).slice(ours.length),
  }
}

/**
 * Which blocks of an assistant's message are calls of ours and their results: each result with the detail that it was.
 * The calls themselves are told by their results, and say nothing where they have none.
 */
export const readRuns = (blocks: readonly Fields[]): ReadonlyMap<Fields, Fields | undefined> => {
  const runs = new Map<Fields, Fields | undefined>()
  const uses = new Map<unknown, Fields>()
  blocks.forEach((block, at) => {
    if (block.type === 'server_tool_use' && isOurs(block.id)) {
      uses.set(block.id, block)
      runs.set(block, undefined)
    } else if (isOurs(block.tool_use_id)) {
      const use = uses.get(block.tool_use_id)
      runs.set(block, { ...read(use, block), [sealed]: use ? [use, block] : [block], [place]: at })
    }
  })
  return runs
}
