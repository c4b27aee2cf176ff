import { isObject, type Fields } from '../../fields.ts'
import type { JsonText } from '../../json.ts'
import { isSealed, sealMark } from '../envelope.ts'
import { skipSignature } from '../gemini.ts'
import { lookUp } from '../unchecked.ts'

type Change = (value: unknown) => unknown

/** Names of Google's that are more than one word; no others are touched. */
const usualWords = new Set(
  [
    'systemInstruction toolConfig generationConfig safetySettings cachedContent serviceTier',
    'generateContentRequest inlineData fileData functionCall functionResponse executableCode',
    'codeExecutionResult videoMetadata thoughtSignature mediaResolution partMetadata toolCall',
    'toolResponse mimeType displayName fileUri partialArgs willContinue startOffset endOffset',
    'functionDeclarations googleSearch googleSearchRetrieval codeExecution urlContext computerUse',
    'fileSearch googleMaps enterpriseWebSearch mcpServers parametersJsonSchema responseJsonSchema',
    'functionCallingConfig retrievalConfig allowedFunctionNames includeServerSideToolInvocations',
    'stopSequences responseMimeType responseSchema responseModalities candidateCount',
    'maxOutputTokens topP topK presencePenalty frequencyPenalty responseLogprobs',
    'enableEnhancedCivicAnswers speechConfig thinkingConfig imageConfig audioTimestamp',
    'routingConfig includeThoughts thinkingBudget thinkingLevel aspectRatio imageSize',
    'personGeneration taskType outputDimensionality autoTruncate',
  ].flatMap((names) => names.split(' ')),
)

const toCamel = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** The object with its own fields named in Google's usual way; itself where they are. */
const named =
  (inner: Readonly<Record<string, Change>> = {}): Change =>
  (value) => {
    if (!isObject(value)) return value
    let changed = false
    const entries = Object.entries(value).map(([name, field]): [string, unknown] => {
      const camel = name.includes('_') ? toCamel(name) : name
      const usual = usualWords.has(camel) ? camel : name
      const next = lookUp(inner, usual)?.(field) ?? field
      if (usual !== name || next !== field) changed = true
      return [usual, next]
    })
    return changed ? Object.fromEntries(entries) : value
  }

const each =
  (change: Change): Change =>
  (value) => {
    if (!Array.isArray(value)) return value
    const next = value.map(change)
    return next.every((item, at) => item === value[at]) ? value : next
  }

const plain = named()
const part = named({
  inlineData: plain,
  fileData: plain,
  functionCall: plain,
  functionResponse: named({ parts: each(named({ inlineData: plain, fileData: plain })) }),
  videoMetadata: plain,
})
const content = named({ parts: each(part) })
const chat = {
  contents: each(content),
  systemInstruction: content,
  tools: each(named({ functionDeclarations: each(plain) })),
  toolConfig: named({ functionCallingConfig: plain }),
  generationConfig: named({ thinkingConfig: plain, imageConfig: plain }),
  safetySettings: each(plain),
}
const embedding = { content }
const body = named({
  ...chat,
  ...embedding,
  requests: each(named(embedding)),
  generateContentRequest: named(chat),
})

/** The body with Google's usual names, which it takes with underscores as well. */
export const usualNames = (value: Fields): Fields => body(value) as Fields

const partsOf = (turn: unknown): readonly unknown[] =>
  isObject(turn) && Array.isArray(turn.parts) ? turn.parts : []

const hasSeal = (part: unknown): boolean => isObject(part) && isSealed(part.thoughtSignature)

const isModels = (turn: unknown): boolean => isObject(turn) && turn.role === 'model'

/** What of a part Google may read, in a turn that another model made. */
const unsealed = (part: unknown): readonly unknown[] => {
  if (!isObject(part)) return [part]
  if (!isSealed(part.thoughtSignature))
    return part.thought === true && part.thoughtSignature === undefined ? [] : [part]
  const { thoughtSignature: _seal, ...rest } = part
  if (isObject(part.functionCall)) return [{ ...rest, thoughtSignature: skipSignature }]
  return part.text === '' ? [] : [rest]
}

/** Contents of the model that follow each other are one turn. */
const unsealedTurns = (contents: readonly unknown[]): readonly unknown[] => {
  const kept: unknown[] = []
  for (let at = 0; at < contents.length; at++) {
    const begin = at
    while (isModels(contents[begin]) && isModels(contents[at + 1])) at++
    const turn = contents.slice(begin, at + 1)
    if (!turn.some((one) => partsOf(one).some(hasSeal))) kept.push(...turn)
    else
      for (const one of turn) {
        const parts = partsOf(one).flatMap(unsealed)
        if (parts.length > 0) kept.push({ ...(one as Fields), parts })
      }
  }
  return kept
}

const withoutSeals = (value: Fields): Fields => ({
  ...value,
  ...(Array.isArray(value.contents) && {
    contents: unsealedTurns(value.contents),
  }),
  ...(isObject(value.generateContentRequest) && {
    generateContentRequest: withoutSeals(value.generateContentRequest),
  }),
})

const asJson = (value: Fields): JsonText => ({ text: JSON.stringify(value), value })

/**
 * The client's JSON as Google itself may read it: without what another model left under seal. The bytes are its own
 * unless a seal has to go, or something is `changed` and the names must fit it.
 */
export const forGoogle = (source: JsonText, changed: boolean): JsonText => {
  const sealed = source.text.includes(sealMark)
  if (!sealed && !changed) return source
  const usual = usualNames(source.value)
  if (sealed) return asJson(withoutSeals(usual))
  return usual === source.value ? source : asJson(usual)
}
