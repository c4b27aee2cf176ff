import { LRUCache } from 'lru-cache'
import {
  answer,
  candidatesOf,
  deferred,
  definePlugin,
  GatewayError,
  notices,
  stages,
  type Call,
  type Candidate,
  type Handler,
  type Part,
} from 'sluice/plugin'
import { annotated } from './file-parser/annotated.ts'
import { withTexts } from './file-parser/as-text.ts'
import { filesIn, kindOf, type FilePart } from './file-parser/files.ts'
import { asked, options, type Engine } from './file-parser/options.ts'
import { parse, replayed, type Parsed } from './file-parser/parsed.ts'
import { createWorkers } from './file-parser/workers.ts'

/** Characters of files that are remembered. */
const remembered = 32_000_000

const name = 'file-parser'

const readsFiles = ({ facts }: Candidate): boolean =>
  facts.input_modalities?.includes('file') === true

const tell = (call: Call, files: readonly Parsed[]): void => {
  const told = call.vars.get(stages)
  if (files.length === 0 || told.some((stage) => stage.name === name)) return
  const pages = files.reduce((sum, file) => sum + (file.pages ?? 0), 0)
  const summary = `${files.length} ${files.length === 1 ? 'file' : 'files'} read as text`
  told.push({ type: 'plugin', name, summary, data: { files: files.length, pages } })
  if (files.some(({ cut }) => cut))
    call.vars.get(notices).push(`${name}: a file was read only in part`)
  if (files.some(({ text }) => text.trim() === ''))
    call.vars.get(notices).push(`${name}: there is no text in a file; it may be a scan`)
}

/** Makes PDFs texts for models that cannot read them, and files of text for all. */
export default definePlugin({
  name,
  options,
  asked,
  operations: ['chat'],
  order: [
    { outside: 'prompt-injection', why: 'what a file says can be checked only once it is parsed' },
    { outside: 'moderation', why: 'what a file says can be checked only once it is parsed' },
    { outside: 'context-compression', why: 'how long a file is shows only once it is text' },
  ],
  setup(set, host) {
    const workers = createWorkers()
    host.onClose(() => workers.close())
    const known = new LRUCache<string, Parsed>({
      maxSize: remembered,
      // what stands at an address may be something else tomorrow
      ttl: 3_600_000,
      sizeCalculation: ({ text }) => text.length + 100,
    })

    const parseAll = async (call: Call, files: readonly FilePart[]) => {
      const texts = replayed(call.request)
      const parsed = new Map<Part, Parsed>()
      for (const file of files) {
        const text = texts.get(file.hash)
        const found: Parsed | undefined =
          text === undefined
            ? await parse(file, { call, host, workers, known, set })
            : { hash: file.hash, name: file.name, text, told: true }
        if (found) parsed.set(file.part, found)
      }
      return parsed
    }

    const read = async (call: Call, next: Handler, files: readonly FilePart[], engine?: Engine) => {
      // what plugins further in are to see cannot wait for the choice of an endpoint
      const isNative = engine === undefined && candidatesOf(call, host).every(readsFiles)
      const toRead = isNative ? files.filter((file) => kindOf(file) === 'text') : files
      const parsed = await parseAll(call, toRead)
      if (parsed.size === 0) return next(call)
      const all = [...parsed.values()]
      tell(call, all)
      const answering = next({ ...call, request: withTexts(call.request, parsed) })
      // only this format has a place for files in its answers, and in its next question
      const isOurs = (call.source?.format ?? 'openai') === 'openai'
      const untold = all.filter(({ told }) => !told)
      return isOurs && untold.length > 0 ? answer(annotated(answering, untold)) : answering
    }

    return (asking, next) => {
      const { options: said, call } = host.asked(asking)
      const engine = said?.pdf?.engine ?? set.pdf.engine
      const files = filesIn(call.request)
      if (files.length === 0 || engine === 'native') return next(call)
      if (engine === 'mistral-ocr')
        throw new GatewayError('invalid_request_error', {
          param: 'plugins',
          message: 'file-parser: mistral-ocr is not served here; pdf-text and native are.',
        })
      return deferred(() => read(call, next, files, engine))
    }
  },
})
