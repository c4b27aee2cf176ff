import { describe, expect, test } from 'bun:test'
import { basename, dirname, join, relative, resolve } from 'node:path'
import manifest from '../package.json' with { type: 'json' }

const root = resolve(import.meta.dir, '..')
const filesIn = (pattern: string): string[] =>
  [...new Bun.Glob(pattern).scanSync(root)].filter((file) => !file.endsWith('.d.ts')).sort()

const isTest = (file: string): boolean => file.endsWith('.test.ts')
const sources = filesIn('{src,plugins}/**/*.ts').filter((file) => !isTest(file))
const textOf = new Map(
  await Promise.all(
    sources.map(async (file) => [file, await Bun.file(join(root, file)).text()] as const),
  ),
)

/** The code without comments, so that prose about it does not count. */
const codeOf = (file: string): string =>
  textOf
    .get(file)!
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/(?<![:'"`])\/\/.*$/gm, '')

interface Import {
  readonly from: string
  /** A file from the root, or a package as it is written. */
  readonly to: string
  readonly local: boolean
  readonly typeOnly: boolean
}

const statement =
  /^(?:import|export)\s+(type\s)?(?:[\w*{][^'"]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm

const imports: readonly Import[] = sources.flatMap((from) =>
  [...textOf.get(from)!.matchAll(statement)].map(([, type, fixed, late]): Import => {
    const written = (fixed ?? late)!
    const local = written.startsWith('.')
    const to = local ? relative(root, resolve(root, dirname(from), written)) : written
    return { from, to, local, typeOnly: type !== undefined }
  }),
)

/** Where each file of src belongs; the first that fits. A new folder needs a line here and its arrows below. */
const areas: readonly (readonly [area: string, files: RegExp])[] = [
  ['pipeline', /^pipeline\.ts$/],
  [
    'facts',
    /^catalog\/(facts|pricing|cost|money|listing\/orders)\.ts$|^preferences\.ts$|^config\/describe\.ts$/,
  ],
  [
    'core',
    /^(chat|data-directory|errors|fields|fold|fork|json|kept|nearest|pause|presented|secret|server-call|splice|stream|told|usage|version)\.ts$|^(errors|text)\//,
  ],
  ['upstream', /^upstream\.ts$|^upstream\/|^providers\/demo\.ts$/],
  ['config', /^config\.ts$|^config\/|^providers\//],
  ['log', /^log\.ts$/],
  ['router', /^router\//],
  ['formats', /^formats\//],
  ['dialects', /^dialects\//],
  ['surfaces', /^surfaces\//],
  ['catalog', /^catalog\//],
  ['ledger', /^ledger\//],
  ['docs', /^docs\//],
  ['outside', /^outside\//],
  ['door', /^plugin\.ts$|^plugins\/(definition|host)\.ts$/],
  ['plugins', /^plugins\.ts$|^plugins\//],
  ['gateway', /^(gateway|shared)\.ts$/],
  ['tools', /^server-tools\.ts$|^server-tools\//],
  ['server', /^server\.ts$|^server\//],
  ['daemon', /^(daemon|watch)\.ts$/],
  ['testing', /^(testing|door|preload)\.ts$|^testing\//],
  ['commands', /^commands\//],
  ['main', /^(main|request-limit)\.ts$/],
]

/** What each area may import besides itself; with `type`, types only. */
const arrows: Readonly<Record<string, string>> = {
  pipeline: '',
  facts: '',
  core: 'pipeline type:facts',
  config: 'core facts',
  log: 'config',
  router: 'pipeline core config facts log',
  formats: 'core',
  dialects: 'core config formats',
  surfaces: 'core formats ledger',
  upstream: 'pipeline core config facts router formats dialects',
  catalog: 'core config facts log router upstream',
  ledger: 'pipeline core facts router',
  docs: 'core facts surfaces',
  tools: 'pipeline core facts ledger',
  outside: 'core',
  door: 'pipeline core config facts formats outside router tools',
  plugins: 'pipeline core config facts log outside router upstream ledger type:door type:gateway',
  gateway: 'core config log router upstream catalog ledger plugins type:surfaces',
  server: 'pipeline core config log router catalog ledger surfaces docs type:gateway',
  daemon: 'core config log plugins gateway server',
  testing: 'pipeline core config router door plugins',
  commands: 'core config facts log router catalog plugins gateway server daemon testing',
  main: 'core commands',
}

const areaOf = (file: string): string => {
  const found = areas.find(([, files]) => files.test(relative('src', file)))
  if (!found) throw new Error(`${file} belongs to no area: see tests/architecture.test.ts`)
  return found[0]
}

const strays = (wrong: (edge: Import) => boolean): string[] =>
  imports.filter(wrong).map(({ from, to }) => `${from} → ${to}`)

const isAllowed = ({ from, to, typeOnly }: Import): boolean => {
  if (!to.startsWith('src/')) return true
  const [here, there] = [areaOf(from), areaOf(to)]
  const allowed = arrows[here]!.split(' ')
  return (
    here === there || allowed.includes(there) || (typeOnly && allowed.includes(`type:${there}`))
  )
}

describe('imports', () => {
  test('are all understood by this test', () => {
    const written = sources.flatMap(
      (file) => codeOf(file).match(/(\bfrom |^import |import\()'/gm) ?? [],
    )
    expect(imports).toHaveLength(written.length)
  })

  test('run one way', () => {
    expect(strays((edge) => edge.from.startsWith('src/') && !isAllowed(edge))).toEqual([])
  })

  test('take every arrow that is drawn', () => {
    const taken = new Set(
      imports
        .filter(({ from, to }) => from.startsWith('src/') && to.startsWith('src/'))
        .flatMap(({ from, to, typeOnly }) => {
          const arrow = `${areaOf(from)} → ${areaOf(to)}`
          return typeOnly ? [arrow, arrow.replace('→ ', '→ type:')] : [arrow]
        }),
    )
    const drawn = Object.entries(arrows).flatMap(([here, all]) =>
      all.split(' ').flatMap((there) => (there === '' ? [] : [`${here} → ${there}`])),
    )
    expect(drawn.filter((arrow) => !taken.has(arrow))).toEqual([])
  })

  test('of the pipeline are none', () => {
    expect(strays(({ from }) => from === 'src/pipeline.ts')).toEqual([])
  })

  test('between surfaces and dialects are none', () => {
    expect(
      strays(
        ({ from, to }) =>
          (from.startsWith('src/surfaces/') && to.startsWith('src/dialects/')) ||
          (from.startsWith('src/dialects/') && to.startsWith('src/surfaces/')),
      ),
    ).toEqual([])
  })

  test('of the built-in plugins go through the public door', () => {
    // what only one plugin needs, and loads when it is listed, need not be installed
    const packages = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
    expect(
      strays(
        ({ from, to }) =>
          from.startsWith('plugins/') &&
          to !== 'sluice/plugin' &&
          // a plugin of several files keeps the others in a folder of its name
          !to.startsWith(from.replace(/(^plugins\/[^/]+?)(\.ts$|\/.*)/, '$1/')) &&
          !/^(node|bun):/.test(to) &&
          !packages.some((name) => to === name || to.startsWith(`${name}/`)),
      ),
    ).toEqual([])
  })

  test('of src never name a plugin, nor come in by the door themselves', () => {
    expect(
      strays(
        ({ from, to }) =>
          from.startsWith('src/') && (to.startsWith('plugins/') || to.startsWith('sluice/')),
      ),
    ).toEqual([])
  })

  test('are relative with their ending, of node: or of a declared package', () => {
    const packages = [
      ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
      'bun',
      'bun:test',
      'bun:sqlite',
      'sluice/plugin',
      'sluice/testing',
    ]
    expect(
      strays(({ to, local }) => {
        if (local) return !/\.(ts|js|css|json)$/.test(to)
        return (
          !to.startsWith('node:') &&
          !packages.some((name) => to === name || to.startsWith(`${name}/`))
        )
      }),
    ).toEqual([])
  })

  test('go in no circles', () => {
    const next = new Map<string, string[]>()
    for (const { from, to, local, typeOnly } of imports)
      if (local && !typeOnly) next.set(from, [...(next.get(from) ?? []), to])
    const circles: string[] = []
    const done = new Set<string>()
    const walk = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file))
        circles.push([...trail.slice(trail.indexOf(file)), file].join(' → '))
      if (trail.includes(file) || done.has(file)) return
      for (const to of next.get(file) ?? []) walk(to, [...trail, file])
      done.add(file)
    }
    for (const file of sources) walk(file, [])
    expect(circles).toEqual([])
  })
})

const filesWith = (pattern: RegExp): string[] =>
  sources.filter((file) => pattern.test(codeOf(file)))

describe('the code', () => {
  test('talks to the network in five places', () => {
    const allowed = [
      'src/commands/running-daemon.ts',
      'src/outside/ask-service.ts',
      'src/providers/discover.ts',
      'src/outside/safe-fetch.ts',
      'src/upstream/send.ts',
    ]
    expect(filesWith(/(?<![\w.$])fetch\(/).filter((file) => !allowed.includes(file))).toEqual([])
  })

  test('reads no body without a limit', () => {
    const unlimited = /\.(text|json|arrayBuffer|blob|bytes|formData)\(\)/
    // where the length that is told is checked before; the docs are files of the package
    const allowed = /^src\/(server\/body\.ts$|upstream\/reads\.ts$|docs\/)/
    expect(filesWith(unlimited).filter((file) => !allowed.test(file))).toEqual([])
  })

  test('gives a secret away in few places', () => {
    const allowed = [
      // a package of the user's signs its requests by itself
      'src/dialects/ai-sdk/package.ts',
      'src/router/health/keys.ts',
      'src/secret.ts',
      'src/upstream/attempt.ts',
      'src/upstream/send.ts',
    ]
    expect(filesWith(/\breveal\(\)/).filter((file) => !allowed.includes(file))).toEqual([])
  })

  test('has no any and no !, and nobody looks away', async () => {
    // the linter is the judge; this keeps it from being told to look elsewhere
    const lint = await Bun.file(join(root, '.oxlintrc.json')).json()
    for (const rule of ['typescript/no-explicit-any', 'typescript/no-non-null-assertion'])
      expect(lint.rules[rule]).toBe('error')
    for (const { files } of lint.overrides)
      for (const pattern of files) expect(pattern).toMatch(/^(tests|bench)\//)
    const ignoring = /(ox|es)lint-disable|@ts-(ignore|nocheck|expect-error)/
    expect(sources.filter((file) => ignoring.test(textOf.get(file)!))).toEqual([])
  })
})

describe('the house', () => {
  test('has no rooms for odds and ends', () => {
    const vague = /^(utils?|helpers?|services?|common|types|misc|index)$/
    const named = filesIn('{src,plugins,tests,bench}/**/*.ts').flatMap((file) =>
      file.split('/').map((part) => part.replace(/(\.test)?\.ts$/, '')),
    )
    expect([...new Set(named)].filter((name) => vague.test(name))).toEqual([])
  })

  test('has small files', () => {
    const lengths = sources
      .map((file) => ({ file, lines: textOf.get(file)!.split('\n').length - 1 }))
      .sort((one, other) => one.lines - other.lines)
    const median = lengths[Math.floor(lengths.length / 2)]
    expect(median?.lines).toBeLessThanOrEqual(80)
    expect(lengths.filter(({ lines }) => lines > 250).map(({ file }) => file)).toBeArrayOfSize(0)
    expect(textOf.get('src/pipeline.ts')!.split('\n').length - 1).toBeLessThanOrEqual(40)
  })

  test('names each plugin’s file as the plugin names itself', async () => {
    for (const file of filesIn('plugins/*.ts').filter((one) => !isTest(one))) {
      const { default: plugin } = await import(join(root, file))
      expect(plugin.name).toBe(basename(file, '.ts'))
    }
  })

  test('holds each plugin to the contract', async () => {
    const tests = await Promise.all(
      ['plugins/**/*.test.ts', 'tests/plugins/**/*.test.ts']
        .flatMap(filesIn)
        .map((file) => Bun.file(join(root, file)).text()),
    )
    const isHeld = (file: string) =>
      tests.some((text) => /\bcontract\(/.test(text) && text.includes(`/${basename(file)}'`))
    const plugins = sources.filter((file) => /^plugins\/(examples\/)?[^/]+$/.test(file))
    expect(plugins.length).toBeGreaterThan(5)
    expect(plugins.filter((file) => !isHeld(file))).toEqual([])
  })

  test('stands on few packages, each pinned', () => {
    expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(16)
    for (const name of Object.keys(manifest.peerDependencies))
      expect(manifest.peerDependenciesMeta).toMatchObject({ [name]: { optional: true } })
    for (const version of Object.values({ ...manifest.dependencies, ...manifest.devDependencies }))
      expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  })
})
