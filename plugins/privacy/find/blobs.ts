/** Characters of base64 in a row that are data, not text. */
const long = 128

const table = Uint8Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9+/=]/.test(String.fromCharCode(code)) ? 1 : 0,
)
const isBase64 = (code: number): boolean => table[code] === 1

export type Range = readonly [start: number, end: number]

/** A long path has slashes, a long word one case; data has all, mixed. */
const isData = (run: string): boolean =>
  /[a-z]/.test(run) &&
  /[A-Z]/.test(run) &&
  /\d/.test(run) &&
  run.split('/').length < run.length / 16

const dataUrl =
  /data:[\w.+-]{0,60}\/?[\w.+-]{0,60}(?:;[\w.+-]{1,40}(?:=[\w.+-]{1,40})?){0,4},[^\s"'`<>()\\]*/y

/** It says its text as it is. */
const textUrl = /^data:(?:text\/[\w.+-]*)?(?:;(?!base64,)[^;,]{0,60}){0,4},/

const dataUrlsOf = (text: string): Range[] => {
  const found: Range[] = []
  let from = 0
  for (let at = text.indexOf('data:'); at >= 0; at = text.indexOf('data:', from)) {
    dataUrl.lastIndex = at
    const [url = 'data:'] = dataUrl.exec(text) ?? []
    const { length } = url
    if (length > 24 && !textUrl.test(url)) found.push([at, at + length])
    from = at + length
  }
  return found
}

/** Every long run covers a multiple of its least length. */
const longRunsOf = (text: string): Range[] => {
  const found: Range[] = []
  let from = 0
  for (let at = long - 1; at < text.length;) {
    let start = at
    while (start >= from && isBase64(text.charCodeAt(start))) start--
    let end = at
    while (end < text.length && isBase64(text.charCodeAt(end))) end++
    start++
    if (end - start >= long && isData(text.slice(start, Math.min(end, start + 4096))))
      found.push([start, end])
    from = Math.max(end, at)
    at = Math.max(at, end) + long
  }
  return found
}

/** Where base64 of data and `data:` URLs stand, in order. */
export const blobsOf = (text: string): readonly Range[] =>
  [...longRunsOf(text), ...dataUrlsOf(text)].sort((one, other) => one[0] - other[0])
