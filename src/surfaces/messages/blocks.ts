import type { Fields } from '../../fields.ts'
import type { ToolCall } from '../../chat.ts'
import { seal } from '../../formats/envelope.ts'
import { isServerCall } from '../../server-call.ts'
import type { Blocks, Open, Segment } from './block.ts'
import { toCitations } from './citation.ts'
import { apart } from './native.ts'
import { createRuns } from './server-tools.ts'
import type { Sink } from './sink.ts'
import { createPieces, isOwn, readable, sealBeside, withPiece, type Piece } from './thoughts.ts'
import { createTools, type Tool } from './tool-calls.ts'

const withoutNative = ({ native: _native, ...open }: Open): Open => open

export const createBlocks = (sink: Sink): Blocks => {
  const tools = createTools()
  const thoughts = new Set<unknown>()
  const runs = createRuns()
  const pieces = createPieces()
  let queue: Segment[] = []
  let open: Open | undefined
  let next = 0

  const close = (): void => {
    if (!open) return
    if (open.kind === 'thinking' && !open.native && !open.signed) {
      const signature = sealBeside(open.held, open.told ?? '')
      sink.delta(open.index, { type: 'signature_delta', signature })
    }
    if (open.tool) {
      const rest = tools.end(open.tool)
      if (rest !== '') sink.delta(open.index, { type: 'input_json_delta', partial_json: rest })
    }
    sink.close(open.index)
    open = undefined
  }

  const begin = (kind: Open['kind'], block: Fields, more: Partial<Open> = {}): Open => {
    close()
    open = { kind, index: next++, ...more }
    sink.open(open.index, block)
    return open
  }

  const isBusy = (): boolean =>
    open !== undefined &&
    (open.kind === 'other' ||
      (open.tool !== undefined && (open.native || !tools.isComplete(open.tool))))

  const writeText = (text: string): void => {
    const block = open?.kind === 'text' ? open : begin('text', { type: 'text', text: '' })
    sink.text(block.index, text)
  }

  const writeSealed = (type: 'redacted_thinking', data: unknown): void => {
    begin('other', { type, data })
    close()
  }

  const thought = (detail: unknown): Open => {
    const continues =
      open?.kind === 'thinking' &&
      !open.signed &&
      (open.detail === undefined || detail === undefined || open.detail === detail)
    if (continues && open) return open
    return begin('thinking', { type: 'thinking', thinking: '', signature: '' }, { detail })
  }

  const writeWhole = (block: Fields): void => {
    const [start, deltas] = apart(block)
    const { index } = begin('other', start)
    for (const delta of deltas) sink.delta(index, delta)
    close()
  }

  const writeThought = (piece: Piece): void => {
    const text = readable(piece)
    if (piece.type === 'reasoning.encrypted') {
      if (isOwn(piece)) writeSealed('redacted_thinking', piece.data)
      else if (open?.kind === 'thinking' && open.held) open.held = withPiece(open.held, piece)
      else writeSealed('redacted_thinking', seal([piece]))
      return
    }
    if (isOwn(piece)) {
      const { signature, index } = piece
      const isOpen =
        open?.kind === 'thinking' && (open.held || open.native || open.detail === index)
      // a signature that comes when its thought was interrupted fits none of the halves
      if (text === '' && (typeof signature !== 'string' || (!isOpen && thoughts.has(index)))) return
      thoughts.add(index)
      const block = thought(open?.held ? undefined : piece.index)
      if (text !== '') {
        sink.delta(block.index, { type: 'thinking_delta', thinking: text })
        block.told = (block.told ?? '') + text
      }
      if (typeof signature !== 'string' || signature === '') return
      sink.delta(block.index, { type: 'signature_delta', signature })
      block.signed = true
      return
    }
    // pieces of one vendor's thought stay in one block, whose envelope tells them apart
    const goesOn = open?.kind === 'thinking' && open.held && !open.signed
    const block = goesOn && open ? open : thought(Symbol('foreign'))
    const held = block.held ?? []
    block.held = withPiece(held, piece)
    if (text === '') return
    const apart = block.held.length > held.length && block.told ? '\n\n' : ''
    block.told = (block.told ?? '') + apart + text
    sink.delta(block.index, { type: 'thinking_delta', thinking: apart + text })
  }

  const writeTool = (tool: Tool): void => {
    if (open?.tool !== tool) {
      begin('tool', { type: 'tool_use', id: tool.id, name: tool.name, input: {} }, { tool })
      tool.began = true
    }
    const json = tools.take(tool)
    if (open && json !== '')
      sink.delta(open.index, { type: 'input_json_delta', partial_json: json })
  }

  const write = (segment: Segment): void => {
    switch (segment.kind) {
      case 'text':
        return writeText(segment.text)
      case 'thought':
        return writeThought(segment.piece)
      case 'tool':
        return writeTool(segment.tool)
      case 'whole':
        return writeWhole(segment.block)
      case 'cite':
        if (open?.kind === 'text')
          sink.delta(open.index, { type: 'citations_delta', citation: segment.citation })
    }
  }

  const drain = (forced: boolean): void => {
    while (queue.length > 0) {
      const [first] = queue
      if (!first || (!forced && (isBusy() || (first.kind === 'tool' && !first.tool.name)))) return
      queue = queue.slice(1)
      write(first)
    }
  }

  const put = (segment: Segment): void => {
    if (queue.length === 0 && !isBusy()) return write(segment)
    const last = queue.at(-1)
    if (segment.kind === 'text' && last?.kind === 'text') last.text += segment.text
    else queue.push(segment)
    drain(false)
  }

  const call = (piece: ToolCall, position: number): void => {
    const tool = tools.add(piece, position)
    if (open?.tool === tool) {
      writeTool(tool)
      drain(false)
    } else if (!tool.queued && !tool.began) {
      tool.queued = true
      if (tool.name) put({ kind: 'tool', tool })
      else queue.push({ kind: 'tool', tool })
    } else drain(false)
  }

  return {
    get open() {
      return open
    },
    set open(block) {
      if (block?.kind === 'thinking') pieces.detailed()
      open = block
    },
    get next() {
      return next
    },
    set next(index) {
      next = index
    },
    get waiting() {
      return queue.length > 0
    },
    get busy() {
      return isBusy()
    },
    say(text) {
      if (open?.kind === 'text' && queue.length === 0) sink.text(open.index, text)
      else if (text !== '') put({ kind: 'text', text })
    },
    add(delta) {
      for (const piece of pieces.of(delta))
        if (!isServerCall(piece)) put({ kind: 'thought', piece })
        else for (const block of runs.end(piece)) put({ kind: 'whole', block })
      if (delta.content) put({ kind: 'text', text: delta.content })
      for (const citation of toCitations(delta.annotations)) put({ kind: 'cite', citation })
      delta.tool_calls?.forEach(call)
    },
    run(tool) {
      for (const block of runs.begin(tool)) put({ kind: 'whole', block })
    },
    settle() {
      drain(true)
      close()
    },
    closed() {
      if (open?.tool) tools.end(open.tool)
      open = undefined
      drain(false)
    },
    loosen() {
      if (open) open = withoutNative(open)
    },
    adopt: (piece) => {
      const tool = tools.add(piece, 0)
      tool.began = true
      tools.take(tool)
      return tool
    },
  }
}
