import { isObject, listOf, type Fields } from '../../fields.ts'
import { textOf } from '../../formats/responses.ts'
import { argumentsOf, fetchTool, searchTool, type Running } from '../../server-call.ts'
import type { Sheet } from './sheet.ts'

const isShown = (type: unknown): boolean => type === searchTool || type === fetchTool

const actionOf = (type: unknown, json: unknown, sources?: unknown): Fields => {
  const { query, url } = argumentsOf(json)
  if (type === fetchTool) return { type: 'open_page', url: textOf(url) || null }
  const found = listOf(sources)
    .filter(isObject)
    .map((source) => ({ type: 'url', url: source.url }))
  return {
    type: 'search',
    query: textOf(query),
    queries: [textOf(query)],
    ...(sources !== undefined && { sources: found }),
  }
}

/** The searches of an answer, of which any number is under way. */
export const createSearches = (sheet: Sheet) => {
  const { pen } = sheet
  const open = new Map<string, { readonly index: number; readonly id: string }>()

  const begin = ({ id, type, arguments: json }: Running) => {
    const item = { type: 'web_search_call', id: sheet.id('ws'), action: actionOf(type, json) }
    const index = sheet.begin({ ...item, status: 'in_progress' })
    const place = { item_id: item.id, output_index: index }
    pen.say('response.web_search_call.in_progress', place)
    pen.say('response.web_search_call.searching', place)
    const begun = { index, id: item.id }
    open.set(id, begun)
    return begun
  }

  return {
    begin(tool: Running): void {
      if (isShown(tool.type)) begin(tool)
    },
    end({ tool_call_id, tool_name, arguments: json, sources, failed }: Fields): void {
      if (!isShown(tool_name)) return
      const id = textOf(tool_call_id)
      const told = { id, type: textOf(tool_name), arguments: textOf(json) }
      const begun = open.get(id) ?? begin(told)
      open.delete(id)
      const place = { item_id: begun.id, output_index: begun.index }
      pen.say('response.web_search_call.completed', place)
      sheet.finish(begun.index, {
        type: 'web_search_call',
        id: begun.id,
        status: failed ? 'failed' : 'completed',
        action: actionOf(tool_name, json, sources ?? []),
      })
    },
  }
}
