import { objectOf, type Fields } from '../../fields.ts'
import type { Chunk, Delta } from '../../chat.ts'
import { stringOf, type Family } from './family.ts'
import { toStreamFailure } from './failure.ts'
import { toCitation, toImage, toWarnings } from './shown.ts'
import { routedDetails, signsIn, toDetail, toSealed } from './signs.ts'
import { toFinish, toUsage } from './usage.ts'

/** What the parts of one answer mean, in order. */
export interface PartReader {
  /** The chunk that a part is; undefined for one that says nothing. Throws for an error. */
  read(part: Fields): Chunk | undefined
  /** Set once the answer has ended; `eof` where it was cut off. */
  readonly end: 'done' | 'eof' | undefined
}

interface Tool {
  readonly index: number
  /** Whether any of its input was told. */
  begun: boolean
}

const nameOf = (error: unknown): unknown => (error instanceof Error ? error.name : undefined)

/**
 * @param model what the client is told where the package does not say
 * @param warned hears what the package left out
 */
export const createPartReader = (
  family: Family,
  model: string,
  warned: (warnings: readonly string[]) => void,
): PartReader => {
  let head = {
    id: `chatcmpl-${crypto.randomUUID()}`,
    object: 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1_000),
    model,
  }
  let spoken = false
  let end: PartReader['end']
  let details = 0
  let images = 0
  const thoughts = new Map<string, number>()
  const tools = new Map<string, Tool>()
  /** Characters of the text so far, and where each block of it began. */
  let written = 0
  const began = new Map<string, number>()
  /** Sources that the answer may have used, told at its end where it does not say which. */
  let sources: readonly Fields[] = []
  let cited = false
  const sealed = new Set<string>()

  const said = (delta: Delta): Chunk => {
    const role = spoken ? {} : { role: 'assistant' }
    spoken = true
    return { ...head, choices: [{ index: 0, delta: { ...role, ...delta }, finish_reason: null }] }
  }

  const thoughtAt = (id: string): number => {
    const index = thoughts.get(id) ?? details++
    thoughts.set(id, index)
    return index
  }

  /** Signatures and sealed thoughts of a block; a router's are told at the end. */
  const signed = (id: string, metadata: unknown): Chunk | undefined => {
    if (family.kind === 'openrouter') return undefined
    const signs = signsIn(metadata)
    if (signs.sealed !== undefined && !sealed.has(signs.sealed)) {
      sealed.add(signs.sealed)
      return said({ reasoning_details: [toSealed(family, details++, signs.sealed, signs.id)] })
    }
    if (signs.signature === undefined || sealed.has(signs.signature)) return undefined
    sealed.add(signs.signature)
    return said({ reasoning_details: [toDetail(family, thoughtAt(id), '', signs)] })
  }

  const thought = (id: string, text: string): Chunk =>
    said({
      reasoning: text,
      ...(family.kind !== 'openrouter' && {
        reasoning_details: [toDetail(family, thoughtAt(id), text)],
      }),
    })

  /** Google signs texts too; others have nothing to say here. */
  const signedText = (metadata: unknown): Chunk | undefined => {
    const { signature } = family.kind === 'google' ? signsIn(metadata) : {}
    if (signature === undefined || sealed.has(signature)) return undefined
    sealed.add(signature)
    return said({ reasoning_details: [toSealed(family, details++, signature)] })
  }

  const calling = (id: string, name: string, args: string): Chunk => {
    const tool = { index: tools.size, begun: args !== '' }
    tools.set(id, tool)
    const called = { name, arguments: args }
    return said({ tool_calls: [{ index: tool.index, id, type: 'function', function: called }] })
  }

  const input = (id: string, args: string): Chunk | undefined => {
    const tool = tools.get(id)
    if (!tool || args === '') return undefined
    tool.begun = true
    return said({ tool_calls: [{ index: tool.index, function: { arguments: args } }] })
  }

  /** A whole call, which says again what its pieces have said. */
  const called = (part: Fields): Chunk | undefined => {
    if (part.providerExecuted === true) return undefined
    const id = stringOf(part.toolCallId) ?? `call_${tools.size}`
    const args =
      typeof part.input === 'string' ? part.input || '{}' : JSON.stringify(part.input ?? {})
    const known = tools.get(id)
    const call = known
      ? known.begun
        ? undefined
        : input(id, args)
      : calling(id, String(part.toolName), args)
    const { signature } = family.kind === 'google' ? signsIn(part.providerMetadata) : {}
    if (signature === undefined) return call
    const choice = (call ?? said({})).choices?.[0]
    const proof = [toSealed(family, details++, signature, id)]
    return said({ ...choice?.delta, reasoning_details: proof })
  }

  /** What a block of text refers to; without places in it, all of it does. */
  const cite = (id: string, citations: readonly Fields[]): Chunk | undefined => {
    const start = began.get(id) ?? written
    const annotations = citations.flatMap((one) => {
      const { startIndex = 0, endIndex = written - start } = one
      return (
        toCitation(objectOf(one.source), {
          ...one,
          startIndex: start + Number(startIndex),
          endIndex: start + Number(endIndex),
        }) ?? []
      )
    })
    cited ||= annotations.length > 0
    return annotations.length > 0 ? said({ annotations }) : undefined
  }

  const finished = (part: Fields): Chunk | undefined => {
    const finish = toFinish(part.finishReason)
    if (finish?.finish_reason === 'error') throw toStreamFailure({})
    end = finish ? 'done' : 'eof'
    const usage = toUsage(objectOf(part.usage))
    const routed = family.kind === 'openrouter' ? routedDetails(part.providerMetadata) : []
    const rest = routed.map((detail, at) => ({ index: at, ...detail }))
    if (!finish) return usage && { ...head, choices: [], usage }
    const used = cited ? [] : sources.flatMap((source) => toCitation(source) ?? [])
    const delta = {
      ...(rest.length > 0 && { reasoning_details: rest }),
      ...(used.length > 0 && { annotations: used }),
    }
    return { ...head, choices: [{ index: 0, delta, ...finish }], ...(usage && { usage }) }
  }

  const read = (part: Fields): Chunk | undefined => {
    const id = String(part.id)
    switch (part.type) {
      case 'text-delta': {
        const content = String(part.delta)
        written += content.length
        return content === '' ? undefined : said({ content })
      }
      case 'text-start':
        began.set(id, written)
        return signedText(part.providerMetadata)
      case 'text-end': {
        const citations = Array.isArray(part.citations) ? part.citations.map(objectOf) : []
        return cite(id, citations) ?? signedText(part.providerMetadata)
      }
      case 'reasoning-delta':
        return part.delta === ''
          ? signed(id, part.providerMetadata)
          : thought(id, String(part.delta))
      case 'reasoning-start':
      case 'reasoning-end':
        return signed(id, part.providerMetadata)
      case 'tool-input-start':
        return part.providerExecuted === true ? undefined : calling(id, String(part.toolName), '')
      case 'tool-input-delta':
        return input(id, String(part.delta))
      case 'tool-call':
        return called(part)
      case 'source':
        sources = [...sources, part]
        return undefined
      case 'file': {
        const image = toImage(part, images)
        if (image) images++
        return image && said({ images: [image] })
      }
      case 'stream-start':
        warned(toWarnings(part.warnings))
        return undefined
      case 'response-metadata':
        head = {
          ...head,
          ...(typeof part.id === 'string' && { id: part.id }),
          ...(typeof part.modelId === 'string' && { model: part.modelId }),
        }
        return undefined
      case 'finish':
        return finished(part)
      case 'error':
        // an event that is newer than the package
        if (nameOf(part.error) === 'AI_TypeValidationError') return undefined
        if (nameOf(part.error) !== 'AI_InvalidResponseDataError') throw toStreamFailure(part.error)
        end = 'eof'
        return undefined
      default:
        return undefined
    }
  }

  return {
    read,
    get end() {
      return end
    },
  }
}
