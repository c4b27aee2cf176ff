/** Tells the client what was left out. */
export type Warn = (what: string) => void
