import { describe, expect, test } from 'bun:test'
import { createFinder, kinds, type FinderOptions } from '../../../plugins/privacy/find.ts'

const found = async (text: string, options: Partial<FinderOptions> = {}): Promise<string[]> => {
  const { words = {}, patterns = {} } = options
  const counted = [...kinds, ...Object.keys(words), ...Object.keys(patterns)]
  const finder = await createFinder({ words, patterns }, counted)
  return finder.find(text).map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`)
}

describe('the finder', () => {
  test('finds e-mail addresses, also after an escape and in a URL', async () => {
    expect(
      await found('a john.doe+x@example.com. {"a":"\\njane@foo.de\\n"} ?u=jo%40example.org&'),
    ).toEqual(['email john.doe+x@example.com', 'email jane@foo.de', 'email jo%40example.org'])
  })

  test('takes packages, remotes and logins for no e-mail', async () => {
    for (const text of [
      'pkg@1.2.3',
      'git@github.com:owner/repo.git',
      'ssh://git@github.com/owner/repo',
      'https://user:secret@host.com/',
      'icon@2x.png',
      '@scope/name@next',
      'deploy@host.example.com:/srv/app',
    ])
      expect((await found(text)).filter((hit) => hit.startsWith('email'))).toEqual([])
  })

  test('makes one of finds that overlap, of the kind that counts most', async () => {
    const options = { words: { team: ['acme'] }, patterns: {} }
    const text = 'to john@acme.com'
    const order = async (order: string[]) => (await createFinder(options, order)).find(text)
    expect(await order(['email', 'team'])).toEqual([{ kind: 'email', start: 3, end: 16 }])
    expect(await order(['team', 'email'])).toEqual([{ kind: 'team', start: 3, end: 16 }])
  })
})
