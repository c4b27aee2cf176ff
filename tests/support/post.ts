/** Posts JSON; a string goes as it is written. */
export const postJson = (
  url: string,
  body: object | string,
  { headers, ...init }: RequestInit = {},
): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(headers as object) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
  })
