import type { Asked, Read } from './messages.ts'

declare const self: Worker

const failed = (error: unknown): Read => {
  const name = error instanceof Error ? error.name : ''
  return { failed: name === 'PasswordException' ? 'encrypted' : 'broken' }
}

const read = async ({ bytes, pages, characters }: Asked): Promise<Read> => {
  const unpdf = await import('unpdf').catch(() => undefined)
  if (!unpdf) return { failed: 'missing' }
  try {
    const document = await unpdf.getDocumentProxy(bytes, { verbosity: 0 })
    const texts: string[] = []
    let length = 0
    const last = Math.min(pages, document.numPages)
    for (let at = 1; at <= last && length < characters; at++) {
      const page = await document.getPage(at)
      const { items } = await page.getTextContent()
      const text = items
        .map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : ''))
        .join('')
        .trim()
      page.cleanup()
      length += text.length
      texts.push(text)
    }
    const { numPages } = document
    await document.loadingTask.destroy()
    const text = texts.join('\n\n').trim()
    return {
      text: text.slice(0, characters),
      pages: texts.length,
      cut: texts.length < numPages || text.length > characters,
    }
  } catch (error) {
    return failed(error)
  }
}

self.addEventListener('message', async ({ data }: MessageEvent<Asked>) => {
  self.postMessage(await read(data), [])
})
