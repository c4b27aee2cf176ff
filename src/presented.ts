/** The key that a client presents, in any of the places where the formats' clients put it; undefined without one. */
export const presentedKey = (headers: Headers): string | undefined =>
  /^bearer\s+(.+)$/i.exec(headers.get('authorization') ?? '')?.[1]?.trim() ??
  headers.get('x-api-key') ??
  headers.get('api-key') ??
  headers.get('x-goog-api-key') ??
  undefined
