/** The host of a pattern, without what engines do not know: wildcards and paths. */
export const hostOf = (pattern: string): string =>
  (
    pattern
      .toLowerCase()
      .replace(/^https?:\/\//, '')
      .split('/')[0] ?? ''
  ).replace(/^\*\./, '')

/** Whether the address is of the domain or one below it, and of the path or one below that. */
export const isOf = ({ hostname, pathname }: URL, pattern: string): boolean => {
  const host = hostOf(pattern)
  const below = hostname.endsWith(`.${host}`)
  const within = pattern.startsWith('*.') ? below : below || hostname === host
  const path = pattern
    .replace(/^https?:\/\//, '')
    .split('/')
    .slice(1)
    .join('/')
    .replace(/\/+$/, '')
  return within && (path === '' || pathname === `/${path}` || pathname.startsWith(`/${path}/`))
}
