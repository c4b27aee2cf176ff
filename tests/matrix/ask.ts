import type { ProviderRequest } from '../support/provider.ts'

/** What a client wants to say, before its format writes it. */
export interface Ask {
  readonly system?: string
  readonly turns: readonly Turn[]
  readonly tools?: readonly Tool[]
  /** A tool that takes any text, not JSON. */
  readonly custom?: { readonly name: string; readonly description: string }
  /** A search that the vendor of the client's format runs by itself. */
  readonly hosted?: true
  readonly choice?: 'required' | 'none' | { readonly name: string }
  /** Never more than one call at once. */
  readonly parallel?: false
  readonly schema?: object
  /** Any JSON object. */
  readonly json?: true
  readonly maxTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly stop?: readonly string[]
  readonly thinking?: true
  /** As much as the model likes. */
  readonly adaptive?: true
  /** Usage is not asked for, where one can. */
  readonly quiet?: true
  /** What stands before the end of the system prompt, and before the end of the first turn, is to be cached. */
  readonly cached?: true
  readonly cacheKey?: string
}

export type Turn =
  | {
      readonly role: 'user'
      readonly text: string
      readonly images?: readonly Media[]
      readonly files?: readonly Document[]
      readonly sound?: Sound
    }
  /** What the client saw, given back as its format wants it. */
  | { readonly role: 'seen'; readonly seen: Seen }
  | { readonly role: 'said'; readonly text: string }
  /** Instructions in the middle. */
  | { readonly role: 'instruction'; readonly text: string }
  | { readonly role: 'results'; readonly results: readonly Result[] }

export interface Result {
  readonly call: SeenCall
  readonly text: string
  readonly image?: Media
}

export type Media =
  | { readonly base64: string; readonly mime: string }
  | { readonly url: string; readonly mime?: string }

export interface Document {
  readonly media: Media
  readonly filename?: string
}

/** WAV. */
export interface Sound {
  readonly base64: string
}

export interface Tool {
  readonly name: string
  readonly description: string
  readonly schema: object
}

export interface SeenCall {
  readonly id?: string
  readonly name: string
  readonly args: unknown
  /** Of a custom tool; its arguments are a text. */
  readonly custom?: true
}

export interface Cited {
  readonly url: string
  readonly title: string
  /** The text it is about, where the format says that. */
  readonly span?: string
}

export interface SeenUsage {
  /** With what was read from a cache and written to one. */
  readonly input?: number
  /** With reasoning. */
  readonly output?: number
  readonly cached?: number
  readonly cacheWrite?: number
  readonly reasoning?: number
}

/** What a client read in an answer, whatever its format. */
export interface Seen {
  readonly status: number
  readonly headers: Headers
  /** The body, as it came. */
  readonly raw: string
  readonly text: string
  readonly refusal: string
  readonly reasoning: string
  readonly calls: readonly SeenCall[]
  /** Made by the model. */
  readonly images: readonly Media[]
  readonly finish: string | undefined
  /** The format's own word. */
  readonly word?: string
  readonly usage: SeenUsage
  readonly citations: readonly Cited[]
  readonly error?: { readonly type: string; readonly message: string }
  /** Where the answer breaks the rules of its format. */
  readonly mistakes: readonly string[]
  /** The assistant's turn, as the client would send it back. */
  readonly replay: any
}

export interface Raw {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface Mode {
  readonly model: string
  readonly stream: boolean
}

/** A request as a client of that format writes it. */
export interface Written {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: object
}

export interface Surface {
  readonly name: string
  write(ask: Ask, mode: Mode): Written
  /** `stream`: whether it was asked for, and no error came before. */
  read(raw: Raw, stream: boolean): Seen
  /** What is seen, by a client that keeps nothing of the reasoning. */
  forget(replay: any): any
  /** Statuses and types of the format’s own errors, by what happened. */
  readonly errors: Readonly<
    Record<'limited' | 'context' | 'overloaded', { status: readonly number[]; type: RegExp }>
  >
}

/** A signed or sealed thought. */
export interface Signature {
  readonly signature: string
  /** Of the thought, where it is signed together with the signature. */
  readonly text?: string
  /** What it is attached to, where the format does that. */
  readonly on?: 'call' | 'text'
}

/** What reached a provider, whatever its format. */
export interface Sent {
  readonly path: string
  readonly key: string | undefined
  readonly model: string | undefined
  readonly system: string
  /** The client's texts, in order. */
  readonly texts: readonly string[]
  readonly said: readonly string[]
  readonly tools: readonly Tool[]
  readonly customTools: readonly string[]
  /** How many tools the provider is to run by itself. */
  readonly hosted: number
  readonly choice: 'required' | 'none' | { readonly name: string } | undefined
  readonly parallel: boolean | undefined
  readonly images: readonly Media[]
  readonly files: readonly Document[]
  readonly schema: unknown
  readonly json: boolean
  readonly sounds: readonly string[]
  readonly maxTokens: number | undefined
  readonly temperature: number | undefined
  readonly topP: number | undefined
  readonly stop: readonly string[]
  readonly thinking: boolean
  readonly breakpoints: readonly string[]
  readonly cacheKey: string | undefined
  readonly signatures: readonly Signature[]
  readonly calls: readonly SeenCall[]
  /** By the call that each belongs to, as the body itself tells. */
  readonly results: readonly {
    readonly name: string | undefined
    readonly text: string
    readonly images: readonly Media[]
  }[]
  /** Why the provider would refuse it. */
  readonly mistakes: readonly string[]
}

export type ErrorName = 'limited' | 'context' | 'overloaded' | 'key'

export interface Dialect {
  readonly name: 'openai' | 'anthropic' | 'gemini' | 'responses'
  /** Under the provider's address. */
  readonly base: string
  /** What the YAML says besides. */
  readonly settings?: object
  sent(request: ProviderRequest): Sent
  streams(request: ProviderRequest): boolean
  /** What a cache would remember of a body, piece by piece. */
  prefix(body: any): readonly unknown[]
  readonly errors: Readonly<
    Record<ErrorName, { readonly status: number; readonly body: object; readonly message: string }>
  >
  /** How a stream says that it has failed. */
  readonly broken: string
}

const formats: Readonly<Record<string, Dialect['name']>> = {
  chat: 'openai',
  messages: 'anthropic',
  responses: 'responses',
  gemini: 'gemini',
}

/** Whether client and provider speak one format. */
export const alike = (surface: Surface, dialect: Dialect): boolean =>
  formats[surface.name] === dialect.name

export const dataUrl = ({ base64, mime }: { base64: string; mime: string }): string =>
  `data:${mime};base64,${base64}`

/** A data URL taken apart; any other is one. */
export const toMedia = (url: string): Media => {
  const [, mime, base64] = /^data:([^;,]+);base64,(.*)$/.exec(url) ?? []
  return mime !== undefined && base64 !== undefined ? { base64, mime } : { url }
}

export const parsed = (text: unknown): unknown => {
  if (typeof text !== 'string') return text
  try {
    return JSON.parse(text)
  } catch {
    return `not JSON: ${text}`
  }
}
