import { isObject, type Fields } from '../../fields.ts'
/** Citations that have an address, as annotations of the text between two places; documents have none. */
export const citationsOf = (
  citations: readonly unknown[],
  start_index: number,
  end_index: number,
): readonly Fields[] =>
  citations.filter(isObject).flatMap((citation) => {
    const url = citation.type === 'search_result_location' ? citation.source : citation.url
    if (typeof url !== 'string') return []
    const { title, cited_text } = citation
    return [
      {
        type: 'url_citation',
        url_citation: {
          url,
          title: typeof title === 'string' ? title : url,
          ...(typeof cited_text === 'string' && { content: cited_text }),
          start_index,
          end_index,
        },
      },
    ]
  })
