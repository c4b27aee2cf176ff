import type { GenericSchema } from 'valibot'
import type { Call, Chunk, Format, Operation, Request } from '../chat.ts'
import type { GatewayError } from '../errors.ts'
import type { Batch } from '../stream.ts'

type Body = Readonly<Record<string, unknown>>

/** A file of a multipart body. */
export interface FormFile {
  readonly name: string
  /** As the client says; may be empty. */
  readonly type: string
  readonly bytes: Uint8Array
}

/** The fields of a multipart body, each with all its values. */
export type Form = ReadonlyMap<string, readonly (string | FormFile)[]>

/** What a request says beside its body. */
export interface Place {
  readonly headers: Headers
  readonly query: URLSearchParams
  /** Where the address names the model and what to do with it, as Gemini's does. */
  readonly model?: string
  readonly method?: string
  readonly memory: Memory
}

/** What a surface keeps between requests, bounded in bytes and time; it survives reloads, not restarts. */
export interface Memory {
  get(owner: string, id: string): unknown
  set(owner: string, id: string, value: object): void
  delete(owner: string, id: string): boolean
}

/** How one answer's errors and ids are written. */
export interface Wire {
  /** `gen-…` */
  readonly id: string
  readonly requestId: string
  /** `status`: the integer that OpenRouter's clients demand; `name`: OpenAI's string. */
  readonly codes: 'name' | 'status'
  /** What was asked for, once that is known. */
  readonly model?: string
  readonly call?: Call
  readonly place?: Place
}

/** The events of one streamed answer, in the client's format. */
export interface EventWriter {
  batch(batch: Batch): string | Uint8Array
  end(): string
  /** An error after the head has gone; it ends the answer. */
  error(error: GatewayError): string
  /** What keeps a silent stream open; a comment without it. */
  silence?(): string
}

/** A wire format that clients speak. */
export interface Surface {
  readonly operation: Operation
  readonly format: Format
  /** What the gateway itself reads of a body; everything else passes. */
  readonly request: GenericSchema
  /** The canonical request; absent where the body is one. Throws GatewayError. */
  decode?(body: Body, place: Place): Request
  /** The canonical request of a multipart body; absent where only JSON is taken. */
  decodeForm?(form: Form): Request
  /** A whole answer's body. */
  whole(chunk: Chunk, wire: Wire): string
  /** Absent where answers are never streamed. */
  events?(wire: Wire): EventWriter
  /** The answer is bytes of the type that its first chunk names as `content_type`. */
  readonly binary?: true
  /** Content-type of a stream; server-sent events without it. */
  streamType?(wire: Wire): string
  error(error: GatewayError, wire: Wire): object
  /** Where it is not the error's own. */
  status?(error: GatewayError): number
  /** More headers for every answer. */
  headers?(wire: Wire): Readonly<Record<string, string>>
}
