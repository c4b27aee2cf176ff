import { expected } from '../../support/fixtures.ts'
import type { Ask, Media } from '../ask.ts'
import type { Feature } from '../bench.ts'
import { dot, paper, question } from './samples.ts'

const address = { url: 'https://images.example/cat.png?w=1&h=2' }
const looking = (...images: Media[]): Ask => ({
  turns: [{ role: 'user', text: 'What is that?', images }],
})

/** The type of data must arrive; that of an address need not. */
const bare = (media: readonly Media[]) =>
  media.map((one) => ('url' in one ? { url: one.url } : { base64: one.base64, mime: one.mime }))

export const images: Feature = {
  name: 'images',
  parts: [
    {
      name: 'as data',
      async run({ turn, same }) {
        const { sent } = await turn(looking(dot), 'text')
        same('images', bare(sent.images), [dot])
        same('texts', sent.texts, ['What is that?'])
      },
    },
    {
      name: 'by address',
      async run({ turn, same }) {
        const { sent } = await turn(looking(address), 'text')
        same('images', bare(sent.images), [address])
      },
    },
    {
      name: 'of the model',
      only: (_, { name }) => name === 'openai' || name === 'gemini',
      async run({ dialect, turn, same }) {
        const { seen } = await turn(question, 'image_out')
        const wanted = expected(dialect.name, 'image_out')
        same('text', seen.text, wanted.content)
        same('images', seen.images, [dot])
      },
    },
    {
      name: 'of a tool',
      async run({ dialect, turn, same }) {
        const { seen } = await turn(question, 'tool')
        const results = seen.calls.map((call) => ({ call, text: 'A picture.', image: dot }))
        const turns = [...question.turns, { role: 'seen', seen } as const]
        const second = await turn(
          { ...question, turns: [...turns, { role: 'results', results }] },
          'after_tool',
        )
        const [result] = second.sent.results
        same('result', [result?.name, result?.text], ['get_weather', 'A picture.'])
        const shown = [...(result?.images ?? []), ...second.sent.images]
        same('images', bare(shown), [dot])
        same('text of turn 2', second.seen.text, expected(dialect.name, 'after_tool').content)
      },
    },
  ],
}

export const files: Feature = {
  name: 'files',
  parts: [
    {
      name: 'as data',
      async run({ turn, same }) {
        const { sent } = await turn(
          {
            turns: [
              {
                role: 'user',
                text: 'Read that.',
                files: [{ media: paper, filename: 'paper.pdf' }],
              },
            ],
          },
          'text',
        )
        same('files', bare(sent.files.map(({ media }) => media)), [paper])
        same('texts', sent.texts, ['Read that.'])
      },
    },
    {
      name: 'by address',
      async run({ turn, same }) {
        const media = { url: 'https://files.example/paper.pdf' }
        const { sent } = await turn(
          { turns: [{ role: 'user', text: 'Read that.', files: [{ media }] }] },
          'text',
        )
        same('files', bare(sent.files.map((file) => file.media)), [media])
      },
    },
    {
      name: 'sound',
      only: ({ name }) => name === 'chat' || name === 'gemini',
      async run({ turn, same, must }) {
        const sound = { base64: Buffer.from('RIFF....WAVEfmt ').toString('base64') }
        const { seen, sent } = await turn(
          { turns: [{ role: 'user', text: 'Listen.', sound }] },
          'text',
        )
        same('texts', sent.texts, ['Listen.'])
        if (sent.sounds.length > 0) same('sounds', sent.sounds, [sound.base64])
        else must(seen.headers.get('x-sluice-warnings'), 'what was left out is told')
      },
    },
    {
      name: 'names',
      async run({ turn, same }) {
        const files = [{ media: paper, filename: 'paper.pdf' }]
        const { sent } = await turn(
          { turns: [{ role: 'user', text: 'Read that.', files }] },
          'text',
        )
        same(
          'filenames',
          sent.files.map(({ filename }) => filename),
          ['paper.pdf'],
        )
      },
    },
  ],
}
