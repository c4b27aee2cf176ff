import { LineCounter, isAlias, isScalar, parseDocument, type Document, type Node } from 'yaml'
import { interpolate } from './interpolate.ts'
import type { Env, Path, Position, Source } from './model.ts'
import { problemAt, type Problem } from './problem.ts'
import { syntaxProblems } from './syntax.ts'
import { MAX_DEPTH, seek, walk } from './tree.ts'

const MAX_BYTES = 1024 * 1024
const MAX_ALIASES = 1000
const PLAIN_TAG = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/

export interface ReadOptions {
  readonly file: string
  readonly directory: string
  readonly env: Env
}

export interface ReadSource {
  readonly source: Source
  /** The YAML as plain data, `${…}` filled in; absent when the text could not be understood. */
  readonly value?: unknown
  readonly problems: readonly Problem[]
}

/** Parses YAML and fills in environment variables, which therefore can never add structure. */
export function readSource(text: string, { file, directory, env }: ReadOptions): ReadSource {
  const nowhere: Source = { file, directory, locate: () => undefined }
  if (Buffer.byteLength(text) > MAX_BYTES) {
    return { source: nowhere, problems: [{ path: '', message: 'is larger than 1 MiB' }] }
  }
  const lines = new LineCounter()
  const body = text.replace(/^\uFEFF/, '')
  const doc = parseDocument(body, {
    lineCounter: lines,
    logLevel: 'error',
    merge: true,
    prettyErrors: false,
    stringKeys: true,
  })
  const { problems, broken } = syntaxProblems(body, doc, lines)
  if (broken) return { source: nowhere, problems }

  const anchors = new Map<Node, Node>()
  const written = new Map<Node, string>()
  const source: Source = {
    file,
    directory,
    locate: (path, part) => locate(doc, lines, anchors, path, part),
    written: (path) => {
      const { node, path: reached } = seek(doc.contents, path, anchors)
      const target = isAlias(node) ? anchors.get(node) : node
      return target && reached.length === path.length ? written.get(target) : undefined
    },
  }
  const found = [...problems, ...linkAliases(doc, anchors, source)]
  if (found.length > problems.length) return { source, problems: found }
  const unfilled = fill(doc, env, written, source)
  const plain = toPlain(doc)
  return { source, ...plain, problems: [...found, ...unfilled, ...(plain.problems ?? [])] }
}

function locate(
  doc: Document.Parsed,
  lines: LineCounter,
  anchors: ReadonlyMap<Node, Node>,
  path: Path,
  part: 'key' | 'value' = 'value',
): Position | undefined {
  const { node, key, path: reached } = seek(doc.contents, path, anchors)
  const empty = isScalar(node) && node.value === null && !node.source
  const value = reached.length === path.length && part === 'value' && !empty ? node : undefined
  const offset = (value ?? key ?? node)?.range?.[0]
  if (offset === undefined) return undefined
  const { line, col } = lines.linePos(offset)
  return { line, column: col }
}

/** Finds what every alias stands for, and refuses what could not be printed or would never end. */
function linkAliases(doc: Document.Parsed, anchors: Map<Node, Node>, source: Source): Problem[] {
  const problems: Problem[] = []
  const named = new Map<string, { node: Node; path: Path }>()
  for (const { node, path } of walk(doc.contents)) {
    const complain = (message: string) => problems.push(problemAt(source, path, message))
    if (path.length >= MAX_DEPTH)
      return [problemAt(source, path.slice(0, 1), 'is nested too deeply')]
    if (isAlias(node)) {
      const target = named.get(node.source)
      if (!target) complain(`no anchor &${node.source} stands before this alias`)
      else if (target.path.every((step, depth) => step === path[depth])) {
        complain(`the alias *${node.source} stands inside the value that it names`)
      } else anchors.set(node, target.node)
      if (anchors.size > MAX_ALIASES) return [...problems, tooManyAliases]
    } else if (node) {
      if (node.tag && !PLAIN_TAG.test(node.tag)) complain(`the tag ${node.tag} is not known here`)
      if (node.anchor) named.set(node.anchor, { node, path })
    }
  }
  return problems
}

const tooManyAliases: Problem = { path: '', message: 'has too many aliases' }

function fill(
  doc: Document.Parsed,
  env: Env,
  written: Map<Node, string>,
  source: Source,
): Problem[] {
  const problems: Problem[] = []
  for (const { node, path } of walk(doc.contents)) {
    if (!isScalar(node) || typeof node.value !== 'string' || !node.value.includes('${')) continue
    const filled = interpolate(node.value, env)
    written.set(node, node.value)
    if ('text' in filled) node.value = filled.text
    else problems.push(...filled.mistakes.map((message) => problemAt(source, path, message)))
  }
  return problems
}

function toPlain(doc: Document.Parsed): { value?: unknown; problems?: readonly Problem[] } {
  try {
    return { value: doc.toJS({ maxAliasCount: 100 }) }
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause
    return { problems: [tooManyAliases] }
  }
}
