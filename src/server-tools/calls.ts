import { fold } from '../fold.ts'
import type { ToolCall } from '../chat.ts'

const nameOf = ({ function: called, custom }: ToolCall): string | undefined =>
  called?.name || custom?.name

const joined = (call: ToolCall | undefined, piece: ToolCall): ToolCall => {
  if (!call) return piece
  const chunk = (one: ToolCall) => ({
    choices: [{ index: 0, delta: { tool_calls: [{ ...one, index: 0 }] } }],
  })
  const whole = fold(chunk(call), chunk(piece)).choices?.[0]?.delta?.tool_calls?.[0]
  return { ...piece, ...whole }
}

/**
 * Tells whose the tool calls of a turn are, piece by piece.
 * @param nextPlace where the client sees its next call
 */
export const createCalls = (isOurs: (name: string) => boolean, nextPlace: () => number) => {
  const places = new Map<number, number | 'ours'>()
  /** Of which nobody knows yet whose they are. */
  const unnamed = new Map<number, ToolCall>()
  const names: string[] = []
  return {
    /** The piece as the client gets it; undefined for what is none of its business. */
    place(piece: ToolCall, position: number): ToolCall | undefined {
      const index = piece.index ?? position
      let place = places.get(index)
      const call = place === undefined ? joined(unnamed.get(index), piece) : piece
      if (place === undefined) {
        const name = nameOf(call)
        if (!name) {
          unnamed.set(index, call)
          return undefined
        }
        names.push(name)
        place = isOurs(name) ? 'ours' : nextPlace()
        places.set(index, place)
      }
      if (place === 'ours') return undefined
      return place === index && call === piece ? piece : { ...call, index: place }
    },
    called: (name: string): boolean => names.includes(name),
    /** Whether the client has been told of calls. */
    get forClient() {
      return [...places.values()].some((place) => place !== 'ours')
    },
    get forUs() {
      return [...places.values()].includes('ours')
    },
  }
}
