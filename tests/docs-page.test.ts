import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startSluice, type Sluice } from './support/sluice.ts'

let sluice: Sluice
let document: any

beforeAll(async () => {
  sluice = await startSluice()
  document = await (await fetch(`${sluice.url}/docs/json`)).json()
})
afterAll(() => sluice.stop())

test('the introduction has a line to paste for the address that was asked, and every client’s own', () => {
  const { description } = document.info
  expect(description).toContain(`curl -N ${sluice.url}/v1/chat/completions`)
  for (const setting of [
    `OPENAI_BASE_URL=${sluice.url}/v1`,
    `${sluice.url}/api/v1`,
    `ANTHROPIC_BASE_URL=${sluice.url}`,
    `GOOGLE_GEMINI_BASE_URL=${sluice.url}`,
    `OLLAMA_HOST=${sluice.url}`,
  ])
    expect(description).toMatch(new RegExp(`${RegExp.escape(setting)}["\`]`))
  expect(document.servers).toEqual([{ url: '/', description: 'this daemon' }])
})
test('the page loads files of its own only, which its policy enforces', async () => {
  const response = await fetch(`${sluice.url}/docs`)
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const policy = response.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'self'; script-src 'self';")
  expect(policy).not.toContain('http')
  const html = await response.text()
  expect(html).toContain('<title>Sluice</title>')
  const links = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link]) => link)
  expect(links).toHaveLength(5)
  for (const link of links) {
    expect(link).toStartWith('/docs/assets/')
    const asset = await fetch(sluice.url + link)
    expect(asset.status, link).toBe(200)
    expect(asset.headers.get('cache-control'), link).toBe('no-cache')
    expect((await asset.bytes()).length, link).toBeGreaterThan(100)
    const again = await fetch(sluice.url + link, {
      headers: { 'if-none-match': asset.headers.get('etag') ?? '' },
    })
    expect(again.status, link).toBe(304)
  }
  expect(html.match(/<script/g)).toHaveLength(2)
  expect(html).not.toMatch(/<script[^>]*>[^<]|https?:/)
})

test('no other file can be had through the assets', async () => {
  for (const path of [
    '/docs/assets/',
    '/docs/assets/swagger-ui.js',
    '/docs/assets/swagger-ui-bundle.js.map',
    '/docs/assets/..%2f..%2fpackage.json',
    '/docs/assets/%2e%2e/%2e%2e/package.json',
    '/docs/assets/..%5c..%5cpackage.json',
    '/docs/assets//etc/passwd',
    '/docs/assets/boot.js/..%2fpackage.json',
  ]) {
    const response = await fetch(sluice.url + path)
    expect(response.status, path).toBe(404)
    expect(((await response.json()) as any).error.code, path).toBe('not_found')
  }
})
