const nulls =
  /,\s*"(?:usage|system_fingerprint)"\s*:\s*null|"(?:usage|system_fingerprint)"\s*:\s*null\s*,?/g

/**
 * Events without fields that are null until the last one says them: OpenAI has them so, OpenRouter leaves them out and
 * its clients refuse them. A quote within a string is escaped, so nothing that anybody said looks like one.
 */
export const withoutNulls = (text: string): string =>
  text.includes('_fingerprint"') || text.includes('"usage"') ? text.replace(nulls, '') : text
