import type { Auth } from './model.ts'

/** What is wrong with a key for this way of sending it; never quotes the key. */
export function keyMistake(auth: Auth, text: string): string | undefined {
  if (auth === 'gcp' && text.startsWith('{')) {
    return isAccount(text) ? undefined : 'is not the JSON of a Google credentials file'
  }
  if (auth === 'gcp' && text.startsWith('file:')) return undefined
  if (!/^[\x21-\x7e]+$/.test(text)) {
    return 'has spaces, line breaks or letters that no header can carry'
  }
  if (auth === 'sigv4' && !/^[^:]+:[^:]+(?::[^:]*)?$/.test(text)) {
    return 'expected the id and the secret of an access key as "id:secret", or "id:secret:token"'
  }
  return undefined
}

function isAccount(text: string): boolean {
  try {
    const { type }: { type?: unknown } = JSON.parse(text)
    return typeof type === 'string'
  } catch {
    return false
  }
}
