/** A request that is ready but for its credentials. */
export interface Outgoing {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | FormData
  /** Of whoever waits for the credentials. */
  readonly signal?: AbortSignal
}

export interface Authorized {
  readonly url: string
  readonly headers: Record<string, string>
}
