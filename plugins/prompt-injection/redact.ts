import type { Hit } from './hit.ts'

const mark = '[PROMPT_INJECTION]'

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The text without what was found; arguments of tools stay JSON. */
export const redacted = (text: string, hits: readonly Hit[]): string => {
  let left = ''
  let at = 0
  for (const { start, end } of [...hits].sort((one, other) => one.start - other.start)) {
    if (start >= at) left += text.slice(at, start) + mark
    at = Math.max(at, end)
  }
  left += text.slice(at)
  const broken = /^\s*[{[]/.test(text) && isJson(text) && !isJson(left)
  return broken ? JSON.stringify({ redacted: mark }) : left
}
