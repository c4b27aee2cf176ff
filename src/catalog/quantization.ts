import { quantizations } from '../preferences.ts'

/** How files of weights are named by their precision, `Q4_K_M` by its bits. */
const files: readonly (readonly [RegExp, string])[] = [
  [/^i?q4(_|$)|^4[- ]?bit$/, 'int4'],
  [/^q8(_|$)|^8[- ]?bit$/, 'int8'],
  [/^f16$/, 'fp16'],
  [/^f32$/, 'fp32'],
]

/** A precision by OpenRouter's name; undefined for one that has none there. */
export const quantizationOf = (written: string | undefined): string | undefined => {
  const small = written?.toLowerCase().trim() ?? ''
  return (
    quantizations.find((name) => name === small && name !== 'unknown') ??
    files.find(([form]) => form.test(small))?.[1]
  )
}
