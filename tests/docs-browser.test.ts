import { afterAll, beforeAll, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { startSluice, type Sluice } from './support/sluice.ts'

const executablePath = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync)
const skipped = executablePath === undefined && process.env.CI !== 'true'
if (skipped)
  console.log('The browser tests are skipped: no Chromium here (apt-get install chromium).')

/** Milliseconds; a browser on a busy machine is slow. */
const patience = 120_000

/** No host but this machine can be reached. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
]

let sluice: Sluice
let browser: Browser | undefined

beforeAll(async () => {
  if (skipped) return
  if (executablePath === undefined) throw new Error('CI needs Chromium for the browser tests')
  sluice = await startSluice({
    config: JSON.stringify({
      server: { discover: false },
      plugins: [{ auth: { keys: { laptop: { key: 'sk-laptop' } } } }, 'fallback'],
    }),
  })
  browser = await chromium.launch({ executablePath, args })
}, patience)
afterAll(async () => {
  await browser?.close()
  await sluice?.stop()
})

/** The page, with everything in `complaints` that should not have happened, and who was asked. */
const open = async (colorScheme: 'light' | 'dark' = 'light') => {
  const page = await browser!.newPage({ viewport: { width: 1280, height: 1000 }, colorScheme })
  page.setDefaultTimeout(patience / 3)
  const asked: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('console', (line) => line.type() !== 'log' && complaints.push(line.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`))
  await page.goto(`${sluice.url}/docs`)
  await page.locator('.opblock').first().waitFor()
  return { page, asked, complaints }
}

const operation = (page: Page, tag: string, id: string) => page.locator(`#operations-${tag}-${id}`)

const expand = async (page: Page, tag: string, id: string) => {
  const block = operation(page, tag, id)
  await block.locator('.opblock-summary-control').click()
  await block.getByRole('button', { name: 'Try it out' }).click()
  return block
}

/** The status on the page once the answer there contains the text. */
const execute = async (block: ReturnType<typeof operation>, text: string) => {
  await block.getByRole('button', { name: 'Execute' }).click()
  const live = block.locator('.live-responses-table')
  await live.locator('.highlight-code', { hasText: text }).first().waitFor()
  return live.locator('tbody .response-col_status').first().innerText()
}

const authorize = async (page: Page) => {
  await page.getByRole('button', { name: 'Authorize', exact: true }).first().click()
  await page.getByLabel('auth-bearer-value').fill('sk-laptop')
  await page.getByRole('button', { name: 'Apply credentials' }).first().click()
  await page.getByRole('button', { name: 'Close' }).last().click()
}

test.skipIf(skipped)(
  'a chat completion can be tried out in a browser, with no network',
  async () => {
    const { page, asked, complaints } = await open()
    expect(await page.title()).toBe('Sluice')
    expect(await page.locator('.info').innerText()).toContain(
      `curl -N ${sluice.url}/v1/chat/completions`,
    )
    await authorize(page)

    const chat = await expand(page, 'OpenAI', 'createChatCompletion')
    const whole = await execute(chat, 'This is the demo provider of Sluice.')
    expect(whole).toStartWith('200')

    const screenshot = join(tmpdir(), 'sluice-docs.png')
    await page.screenshot({ path: screenshot, fullPage: true })
    console.log(`screenshot: ${screenshot}`)

    await chat.locator('.examples-select-element').first().selectOption('streamed')
    expect(await execute(chat, 'data: [DONE]')).toStartWith('200')

    const model = await expand(page, 'OpenRouter', 'openRouterGetModel')
    expect(await execute(model, '"id": "demo/demo"')).toStartWith('200')

    expect(asked.filter((url) => !url.startsWith(`${sluice.url}/`))).toEqual([])
    expect(complaints).toEqual([])
    await page.close()
  },
  patience,
)

test.skipIf(skipped)(
  'every kind of client’s operations can be tried out',
  async () => {
    const { page, asked, complaints } = await open()
    await authorize(page)

    const message = await expand(page, 'Anthropic', 'createMessage')
    await message.locator('.examples-select-element').first().selectOption('streamed')
    expect(await execute(message, 'event: message_stop')).toStartWith('200')

    const gemini = await expand(page, 'Gemini', 'geminiStreamGenerateContent')
    expect(await execute(gemini, '"finishReason":"STOP"')).toStartWith('200')

    const ollama = await expand(page, 'Ollama', 'ollamaChat')
    await ollama.locator('.examples-select-element').first().selectOption('streamed')
    expect(await execute(ollama, '"done":true')).toStartWith('200')

    const response = await expand(page, 'OpenAI', 'createResponse')
    expect(await execute(response, '"object": "response"')).toStartWith('200')

    expect(asked.filter((url) => !url.startsWith(`${sluice.url}/`))).toEqual([])
    expect(complaints).toEqual([])
    await page.close()
  },
  patience,
)

test.skipIf(skipped)(
  'sound plays as it was answered, and a file can be chosen and sent',
  async () => {
    const { page, complaints } = await open()
    await authorize(page)

    const speech = await expand(page, 'OpenAI', 'createSpeech')
    await speech.getByRole('button', { name: 'Execute' }).click()
    const player = speech.locator('.live-responses-table audio')
    await player.waitFor()
    const seconds = await player.evaluate(
      (audio) =>
        new Promise<number>((resolve) => {
          const tell = () => resolve((audio as any).duration)
          if ((audio as any).readyState > 0) tell()
          else audio.addEventListener('loadedmetadata', tell)
        }),
    )
    expect(seconds).toBeCloseTo(0.25)

    const form = await expand(page, 'OpenAI', 'createTranscription')
    await form.locator('select.content-type').first().selectOption('multipart/form-data')
    await form.locator('input[type=file]').setInputFiles({
      name: 'noise.wav',
      mimeType: 'audio/wav',
      buffer: Buffer.alloc(20),
    })
    expect(await execute(form, 'It was sent noise.wav, 20 bytes.')).toStartWith('200')

    expect(complaints).toEqual([])
    await page.close()
  },
  patience,
)

test.skipIf(skipped)(
  'without a key the page shows the error as it is',
  async () => {
    const { page } = await open('dark')
    const chat = await expand(page, 'OpenAI', 'createChatCompletion')
    expect(await execute(chat, '"code": "invalid_api_key"')).toStartWith('401')
    await page.close()
  },
  patience,
)
