import type { Env } from './model.ts'

export type Filled = { readonly text: string } | { readonly mistakes: readonly string[] }

const REFERENCE = /\$\$\{|\$\{[^}]*\}?/g
const INSIDE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^]*))?\}$/

/** Fills in `${NAME}` and `${NAME:-default}`, also where the variable is empty; `$${` is `${`. */
export function interpolate(text: string, env: Env): Filled {
  const mistakes: string[] = []
  const filled = text.replace(REFERENCE, (reference) => {
    if (reference === '$${') return '${'
    const [matched, name = '', fallback] = INSIDE.exec(reference) ?? []
    if (matched === undefined || fallback?.includes('${')) {
      mistakes.push('expected ${NAME} or ${NAME:-default}; a literal "${" is written "$${"')
      return ''
    }
    const value = env[name]
    if (typeof value === 'string' && (value !== '' || fallback === undefined)) return value
    if (fallback !== undefined) return fallback
    mistakes.push(`the environment variable ${name} is not set, and \${${name}} has no default`)
    return ''
  })
  return mistakes.length > 0 ? { mistakes } : { text: filled }
}

/** True when the scalar is one reference, so that it may stand for a number or a boolean. */
export function isOneReference(written: string): boolean {
  return INSIDE.test(written) && !written.slice(1).includes('${')
}
