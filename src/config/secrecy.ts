import type { Path } from './model.ts'

const SECRET_KEY =
  /^(?:keys?|headers|settings|hash|authorization)$|api[_-]?keys?$|secret|passw|credential|(?:^|[_-])token$/i
const SECRET_VALUE = /^(?:sk|pk|gsk|xai|hf|ghp|github_pat|sha256)[-_:]|^AIza|^Bearer /i

/** True when a value must never be shown: it stands at or below a key for secrets, or looks so. */
export function isSecret(path: Path, value: unknown): boolean {
  if (path.some((step) => typeof step === 'string' && SECRET_KEY.test(step))) return true
  return typeof value === 'string' && (SECRET_VALUE.test(value) || /^[\w+/=.-]{32,}$/.test(value))
}
