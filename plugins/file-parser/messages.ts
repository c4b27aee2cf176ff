/** What the worker is asked to read, and how much of it at most. */
export interface Asked {
  readonly bytes: Uint8Array
  readonly pages: number
  readonly characters: number
}

export type Read =
  | {
      readonly text: string
      readonly pages: number
      /** There was more. */
      readonly cut: boolean
    }
  | { readonly failed: 'encrypted' | 'broken' | 'missing' | 'slow' | 'vast' | 'busy' }
