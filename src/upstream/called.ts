import type { Request, ToolCall } from '../chat.ts'
import { toolCallsSound } from '../router/measures/tool-calls.ts'
import type { Batch } from '../stream.ts'

/** Calls of one answer that are looked at; more of them are not judged. */
const mostCalls = 64

/** Characters of a call's arguments; longer ones are not judged. */
const mostText = 64 * 1024

/** Answers that may break off in the middle of a call. */
const cut = new Set(['length', 'content_filter', 'error'])

interface Made {
  readonly id: string | undefined
  name: string
  text: string
}

const hasTools = ({ tools }: Request): boolean => Array.isArray(tools) && tools.length > 0

/** Listens for the tool calls of one answer and puts their pieces together; undefined for a request without tools. */
export const createCalled = (request: Request) => {
  if (!hasTools(request)) return undefined
  const made: Made[] = []
  const latest = new Map<string, Made>()

  const take = (choice: number, { index, id, function: called }: ToolCall): void => {
    const place = `${choice}/${index}`
    let one = index === undefined ? undefined : latest.get(place)
    // some number every call alike
    if (!one || (id && one.id && id !== one.id)) {
      if (made.length >= mostCalls) return
      one = { id, name: '', text: '' }
      made.push(one)
      latest.set(place, one)
    }
    one.name ||= called?.name ?? ''
    if (one.text.length < mostText) one.text += called?.arguments ?? ''
  }

  return {
    take(batch: Batch): void {
      // taking `chunks` out of a proved batch would parse it
      if (batch.plain !== undefined) return
      for (const { choices } of batch.chunks)
        for (const { index, delta } of choices ?? [])
          if (delta?.tool_calls)
            for (const call of delta.tool_calls) if (call.function) take(index, call)
    },
    /** Whether they were sound; undefined where the answer made none, or was cut. */
    async sound(finish: string | undefined): Promise<boolean | undefined> {
      if (made.length === 0 || cut.has(finish ?? '')) return undefined
      const calls = made.map(({ name, text }) => ({ function: { name, arguments: text } }))
      return toolCallsSound(request, calls)
    },
  }
}
