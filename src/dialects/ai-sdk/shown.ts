import { objectOf, type Fields } from '../../fields.ts'
import { stringOf } from './family.ts'

const base64Of = (data: unknown): string | undefined => {
  if (data instanceof Uint8Array) return Buffer.from(data).toString('base64')
  return stringOf(data)
}

/** An image that the model made; undefined for other files. */
export const toImage = ({ mediaType, data }: Fields, index: number): Fields | undefined => {
  const type = stringOf(mediaType) ?? ''
  if (!type.startsWith('image/')) return undefined
  const inner = objectOf(data)
  const base64 = base64Of(data instanceof Uint8Array ? data : (inner.data ?? data))
  const url = inner.type === 'url' ? String(inner.url) : base64 && `data:${type};base64,${base64}`
  return url ? { type: 'image_url', image_url: { url }, index } : undefined
}

export const toCitation = (source: Fields, citation: Fields = {}): Fields | undefined => {
  const url = stringOf(source.url)
  if (source.sourceType !== 'url' || url === undefined) return undefined
  const { startIndex, endIndex, citedText } = citation
  const content = stringOf(citedText)
  return {
    type: 'url_citation',
    url_citation: {
      url,
      title: stringOf(source.title) ?? url,
      ...(content !== undefined && { content }),
      ...(typeof startIndex === 'number' && { start_index: startIndex }),
      ...(typeof endIndex === 'number' && { end_index: endIndex }),
    },
  }
}

const plain = /^[\w .,:'()-]{1,80}$/

/** What the package says that it could not do, as far as it speaks of the request's form and not of its content. */
export const toWarnings = (warnings: unknown): readonly string[] => {
  if (!Array.isArray(warnings)) return []
  const told = warnings.map(objectOf).flatMap(({ type, feature, setting }) => {
    const what = stringOf(feature) ?? stringOf(setting)
    if (what === undefined || !plain.test(what)) return []
    if (type === 'compatibility') return [`${what} is only approximated at this provider`]
    return type === 'deprecated' ? [] : [`${what} is not available at this provider`]
  })
  return [...new Set(told)]
}
