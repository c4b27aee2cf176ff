import { isObject, type Fields } from '../../fields.ts'
import { seal } from '../../formats/envelope.ts'

/** An annotation as a citation; its envelope tells, should it come back, that Anthropic never made it. */
const toCitation = (annotation: unknown): Fields | undefined => {
  if (!isObject(annotation) || annotation.type !== 'url_citation') return undefined
  const { url, title, content } = isObject(annotation.url_citation)
    ? annotation.url_citation
    : annotation
  if (typeof url !== 'string') return undefined
  return {
    type: 'web_search_result_location',
    cited_text: typeof content === 'string' ? content : '',
    encrypted_index: seal([]),
    title: typeof title === 'string' ? title : null,
    url,
  }
}

/** What of an answer's annotations can be said in this format. */
export const toCitations = (annotations: unknown): readonly Fields[] =>
  Array.isArray(annotations) ? annotations.map(toCitation).filter((one) => one !== undefined) : []
