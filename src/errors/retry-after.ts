const shortest = 1
const longest = 60

/** Seconds to wait as a provider asked, at least 1 and at most 60; nothing when it did not ask. */
export const retryAfterOf = (headers: Headers | undefined): { readonly retryAfter?: number } => {
  const milliseconds = headers?.get('retry-after-ms')
  const asked = milliseconds ? Number(milliseconds) / 1_000 : headers?.get('retry-after')
  if (asked === null || asked === undefined || asked === '') return {}
  const seconds = Number.isFinite(Number(asked))
    ? Number(asked)
    : (Date.parse(String(asked)) - Date.now()) / 1_000
  return {
    retryAfter: Math.min(
      Math.max(Number.isFinite(seconds) ? seconds : shortest, shortest),
      longest,
    ),
  }
}
