import { sdkGateway } from '/work/main/tests/support/sdk-provider.ts'
import { startProvider } from '/work/main/tests/support/provider.ts'
import { replaysFixture } from '/work/main/tests/support/fixtures-replay.ts'
import { expected, scenarios, fixture } from '/work/main/tests/support/fixtures.ts'
const [dialect, pkg] = process.argv.slice(2) as any
const p = await startProvider()
const g = await sdkGateway({ package: pkg, base_url: p.url, api_key: 'sk-provider-p' })
for (const s of scenarios[dialect as 'openai']) for (const stream of [true, false]) {
  p.always(replaysFixture(dialect, s))
  try {
    const { whole } = await g.ask({ stream, max_tokens: 1000 })
    const e: any = expected(dialect, s)
    const c: any = whole.choices?.[0], d = c.delta
    const got: any = { content: d.content ?? '', reasoning: d.reasoning, reasoning_details: d.reasoning_details?.map(({index, id, ...r}: any) => r), tool_calls: d.tool_calls?.map((t: any) => ({name: t.function.name, arguments: JSON.parse(t.function.arguments)})), finish_reason: c.finish_reason, native_finish_reason: c.native_finish_reason, usage: whole.usage, annotations: d.annotations, images: d.images, refusal: d.refusal }
    const diffs = Object.keys(got).filter((k) => k === 'usage' ? !Bun.deepEquals({ ...got.usage, ...e.usage }, got.usage) : !Bun.deepEquals(got[k] ?? null, e[k] ?? null))
    console.log(s, stream, diffs.length ? diffs.map((k) => `\n    ${k}: ${JSON.stringify(got[k])?.slice(0,300)}\n    exp: ${JSON.stringify(e[k])?.slice(0, 300)}`).join('') : 'ok')
  } catch (e: any) { console.log(s, stream, 'ERR', e.code, e.message, e.cause) }
}
await p.stop()
process.exit(0)
