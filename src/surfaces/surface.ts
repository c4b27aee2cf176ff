import type { GenericSchema } from 'valibot'
import type { Chunk, Operation } from '../chat.ts'
import type { GatewayError } from '../errors.ts'
import type { Batch } from '../stream.ts'

/** How one answer's errors and ids are written. */
export interface Wire {
  /** `gen-…` */
  readonly id: string
  readonly requestId: string
  /** `status`: the integer that OpenRouter's clients demand; `name`: OpenAI's string. */
  readonly codes: 'name' | 'status'
  /** What was asked for, once that is known. */
  readonly model?: string
}

/** The events of one streamed answer, in the client's format. */
export interface EventWriter {
  batch(batch: Batch): string | Uint8Array
  end(): string
  /** An error after the head has gone; it ends the answer. */
  error(error: GatewayError): string
}

/** A wire format that clients speak. */
export interface Surface {
  readonly operation: Operation
  /** What the gateway itself reads of a body; everything else passes. */
  readonly request: GenericSchema
  /** A whole answer's body. */
  whole(chunk: Chunk, wire: Wire): string
  events(wire: Wire): EventWriter
  error(error: GatewayError, wire: Wire): object
}
