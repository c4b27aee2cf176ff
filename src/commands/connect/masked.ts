const named =
  /((?:["'`]?[\w.-]*(?:key|token|secret|password|passwd|credential|authorization|cookie)[\w.-]*["'`]?)\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`|\$\{\{[^}]*\}\}|[^\s,}\]#]+)/gi
const shaped = /\b(?:Bearer\s+\S{6,}|(?:sk|pk|rk|gsk|xai|ghp|gho|AIza|xox[abp])[-_]?[\w-]{16,})/g

export const HIDDEN = '••••••••'

/**
 * A line of somebody's settings as it may be shown: what looks like a secret is hidden,
 * and so is `secret` wherever it stands; the values in `plain` are not.
 */
export function masked(line: string, plain: ReadonlySet<string>, secret?: string): string {
  const known = secret ? line.replaceAll(secret, HIDDEN) : line
  const hide = (value: string): string => {
    const quote = /^["'`]/.exec(value)?.[0] ?? ''
    const inner = quote ? value.slice(1, -1) : value
    const open =
      plain.has(inner) || inner === '' || /^(true|false|null|\d{1,6}|[{[]|\$\{\{)/.test(inner)
    return open ? value : quote + HIDDEN + quote
  }
  return known
    .replace(named, (_, name: string, value: string) => name + hide(value))
    .replace(shaped, (value) => (plain.has(value) ? value : HIDDEN))
}
