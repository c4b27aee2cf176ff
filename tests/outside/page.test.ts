import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readPage } from '../../src/outside/page.ts'
import { startSearxng, type Searxng } from '../support/searxng.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

let web: Searxng
beforeAll(() => {
  web = startSearxng()
})
afterAll(() => web.stop())

const at = (path: string): string => web.url + path
const read = (path: string, limits: object = {}) =>
  readPage(at(path), { allow: [web.host], ...limits })

describe('a page', () => {
  test('is Markdown without what is not its matter', async () => {
    web.pages['/docs/a'] = `<!doctype html><html><head><title>A &amp; B</title><style>p{}</style>
      <script>let x = "<p>no</p>"</script></head><body><nav><a href="/">Home</a></nav>
      <h1>Hello <em>you</em></h1>
      <p>First&nbsp;with <a href="../b?q=1">a link</a>, <a href="javascript:x()">none</a> and <code>x = 1</code>.
      <p>Second
      <ul><li>one<li>two<ul><li>nested</li></ul></li></ul><ol><li>A</li><li>B</li></ol>
      <pre><code class="language-ts">const a = &lt;T&gt;(x: <a href="/T">T</a>) =&gt; x
  \`\`\`</code></pre>
      <table><tr><th>Name<th>Price</tr><tr><td>a|b</td><td>1</td></tr></table>
      <img src="/x.png" alt="picture"><aside>Ads</aside><footer>Foot</footer></body></html>`
    expect(await read('/docs/a')).toEqual({
      url: at('/docs/a'),
      title: 'A & B',
      cut: false,
      text: `# Hello you

First with [a link](${at('/b?q=1')}), none and \`x = 1\`.

Second

- one
- two
  - nested

1. A
2. B

\`\`\`\`ts
const a = <T>(x: T) => x
  \`\`\`
\`\`\`\`

| Name | Price |
| --- | --- |
| a\\|b | 1 |`,
    })
  })

  test('has nothing of what a reader would not see', async () => {
    web.pages['/hidden'] =
      `Bare<keygen><frame><svg><path/></svg><p>Seen<p hidden>H1<p>too<span style="display:none">H2</span>
      <div aria-hidden="true"><p>H3</div><b style="font-size: 0">H4</b><i style="opacity:0">H5</i>
      <template>H6</template><noscript>H7</noscript><!-- H8 -->
      <textarea>H9</textarea> z\u200be\u202er\u{e0041}o, opacity <i style="opacity:0.9">shown</i>`
    const { text } = await read('/hidden')
    expect(text).not.toMatch(/H\d/)
    expect(text).toContain('zero, opacity shown')
    expect(text).toStartWith('Bare\n\nSeen')
    expect(text).toContain('too')
  })

  test('is its main part where it says which that is', async () => {
    web.pages['/main'] =
      `<div>Around</div><main><p>${'Matter. '.repeat(40)}</p></main><div>After</div>`
    expect((await read('/main')).text).toStartWith('Matter.')
    expect((await read('/main')).text).not.toMatch(/Around|After/)
  })

  test('is read in its own charset', async () => {
    const latin = Buffer.from('<meta charset="iso-8859-1"><p>Grüße</p>', 'latin1')
    const said = (bytes: Uint8Array, type: string) => () =>
      new Response(new Blob([bytes as Uint8Array<ArrayBuffer>]), {
        headers: { 'content-type': type },
      })
    web.pages['/meta'] = said(latin, 'text/html')
    web.pages['/header'] = said(Buffer.from('Grüße', 'latin1'), 'text/plain; charset=latin1')
    web.pages['/mark'] = said(Buffer.from('\ufeffGrüße', 'utf16le'), 'text/plain')
    web.pages['/odd'] = said(Buffer.from('Grüße'), 'text/plain; charset=nonsense')
    for (const path of ['/meta', '/header', '/mark', '/odd'])
      expect((await read(path)).text).toBe('Grüße')
  })

  test('ends at its limits', async () => {
    web.pages['/long'] = `<p>${'word '.repeat(100_000)}</p>`
    const short = await read('/long', { characters: 100 })
    expect([short.text.length, short.cut]).toEqual([100, true])
    const few = await read('/long', { bytes: 1_000 })
    expect(few.text.length).toBeLessThan(1_000)
    expect(few.cut).toBe(true)
  })

  test('is read soon, however it is nested', async () => {
    for (const piece of [
      '<ul><li>',
      '<a href=/x>y',
      '<table><tr><td>',
      '<div hidden>',
      '<pre>`',
      '<p> \n',
    ])
      web.pages[`/deep${piece.length}`] = piece.repeat(20_000)
    // were it quadratic, each of them would take longer than a test may
    for (const path of Object.keys(web.pages).filter((path) => path.startsWith('/deep')))
      expect((await read(path)).text.length).toBeLessThanOrEqual(20_000)
  })
})

describe('what is no page to be read', () => {
  const refused = (path: string, limits?: object) =>
    read(path, limits).then(
      () => 'read',
      (error: Error) => error.message,
    )

  test('is refused in words', async () => {
    web.pages['/pdf'] = () =>
      new Response('%PDF', { headers: { 'content-type': 'application/pdf' } })
    web.pages['/never'] = () => new Promise<Response>(() => undefined)
    web.pages['/stalls'] = () =>
      new Response(new ReadableStream({ start: (stream) => stream.enqueue(Buffer.from('<p>')) }), {
        headers: { 'content-type': 'text/html' },
      })
    expect(await refused('/none')).toBe('The page could not be read: status 404.')
    expect(await refused('/pdf')).toBe('The page is not a text.')
    expect(await refused('/never', { timeout: 50 })).toBe('The page took too long.')
    expect(await refused('/stalls', { timeout: 50 })).toBe('The page took too long.')
    await expect(readPage('not an address')).rejects.toThrow('That is not an address.')
  })

  test('is every address that is not public, by whatever way', async () => {
    web.pages['/secret'] = '<p>secret</p>'
    web.pages['/there'] = () =>
      Response.redirect(`http://localhost:${new URL(web.url).port}/secret`)
    web.pages['/file'] = () =>
      new Response(null, { status: 302, headers: { location: 'file:///etc/hostname' } })
    web.pages['/round'] = () => Response.redirect(at('/round'))
    const { port } = new URL(web.url)
    for (const address of [
      at('/secret'),
      `http://localhost:${port}/secret`,
      `http://localhost.:${port}/secret`,
      `http://2130706433:${port}/secret`,
      `http://0x7f.1:${port}/secret`,
      `http://[::ffff:127.0.0.1]:${port}/secret`,
      `http://[::127.0.0.1]:${port}/secret`,
      `http://0.0.0.0:${port}/secret`,
      'http://169.254.169.254/latest/meta-data',
      'http://[fd00::1]/',
      'http://10.0.0.1/',
      'file:///etc/hostname',
      'data:text/html,<p>x',
      `http://user:pass@${web.host}/secret`,
    ])
      await expect(readPage(address)).rejects.toThrow('That URL is not allowed.')
    // what the operator allows is allowed for itself alone, redirects too
    for (const path of ['/there', '/file', '/round'])
      expect(await refused(path)).toBe('That URL is not allowed.')
    expect(web.read.filter((path) => path === '/secret')).toEqual([])
    expect((await read('/secret')).text).toBe('secret')
  })
})
