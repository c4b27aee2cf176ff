import type { Loop } from './anthropic-strict.ts'
import { fixture, type Scenario } from './fixtures.ts'
import { countsTokens, embedsContents } from './fixtures-desk.ts'
import { replaysFixture } from './fixtures-replay.ts'
import { must, strictly } from './fixtures-strict.ts'
import { answersOf, checkGemini, excuses, type Content } from './gemini-rules.ts'
import type { Script } from './provider.ts'

/** The calls of the first answer must come back as they were, each with the signature it had. */
const checkReplay = (turn: Content | undefined, first: Scenario): void => {
  const sent = JSON.parse(fixture('gemini', first).json).candidates[0].content.parts
  const calls = (parts: readonly any[]) => parts.filter(({ functionCall }) => functionCall)
  const came = calls(turn?.parts ?? [])
  calls(sent).forEach((part, at) => {
    const { name, args } = part.functionCall
    const back = came[at]
    must(
      back?.functionCall.name === name && Bun.deepEquals(back.functionCall.args ?? {}, args),
      `The function call ${name} is not that of the response.`,
    )
    const excused = part.thoughtSignature === undefined && excuses.includes(back.thoughtSignature)
    must(
      excused || back.thoughtSignature === part.thoughtSignature,
      `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${name}\`, position ${at + 1}.`,
    )
  })
}

/** A Gemini API that keeps its own rules and plays a tool loop: see `strictAnthropic`. */
export const strictGemini = ({
  first = 'reasoning_tool',
  last = 'after_tool',
}: Loop = {}): Script =>
  strictly('gemini', ({ request: { path, json, headers } }) => {
    const { pathname } = new URL(path, 'http://gemini')
    const method = /^\/(?:v1|v1beta)(?:\/.+)?\/models\/[^/]+:(\w+)$/.exec(pathname)?.[1] ?? ''
    if (method === 'batchEmbedContents') return embedsContents
    if (method === 'countTokens') {
      const counted = json.generateContentRequest ?? json
      const { generateContentRequest: _, ...rest } = counted
      checkGemini(rest, headers, path)
      return countsTokens
    }
    must(['generateContent', 'streamGenerateContent'].includes(method), 'Not Found', {
      status: 404,
    })
    const { contents, tools } = checkGemini(json, headers, path)
    const now = contents.at(-1)
    if (!now || answersOf(now).length === 0) {
      return replaysFixture('gemini', tools.length > 0 ? first : 'reasoning')
    }
    checkReplay(contents.at(-2), first)
    return replaysFixture('gemini', last)
  })
