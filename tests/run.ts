/** All that must hold, in one go: formatting, lint, types, tests. The last line counts what passed and failed. */
interface Step {
  readonly name: string
  readonly command: readonly string[]
}

const bun = process.execPath
const steps: readonly Step[] = [
  {
    name: 'format',
    command: [bun, 'fmt', '--check', '--no-script', 'src', 'plugins', 'tests', 'bench'],
  },
  {
    name: 'lint',
    command: [bun, 'x', 'oxlint', '--deny-warnings', 'src', 'plugins', 'tests', 'bench'],
  },
  { name: 'types', command: [bun, 'check', '--no-script'] },
]

let passed = 0
let failed = 0

const run = ({ name, command }: Step): void => {
  const { exitCode } = Bun.spawnSync([...command], { stdout: 'inherit', stderr: 'inherit' })
  console.log(`${exitCode === 0 ? 'ok' : 'FAILED'}  ${name}\n`)
  if (exitCode === 0) passed++
  else failed++
}

steps.forEach(run)

const tests = Bun.spawn([bun, 'test', '--timeout', '60000', ...process.argv.slice(2)], {
  stdout: 'inherit',
  stderr: 'pipe',
  env: { ...process.env, FORCE_COLOR: process.stderr.isTTY ? '1' : '0' },
})
let output = ''
const decoder = new TextDecoder()
for await (const part of tests.stderr) {
  process.stderr.write(part)
  output += decoder.decode(part, { stream: true })
}
await tests.exited
const counted = (word: string) =>
  Number(new RegExp(`^\\s*(\\d+) ${word}`, 'm').exec(output)?.[1] ?? 0)
passed += counted('pass')
failed += counted('fail')
const skipped = counted('skip')
if (tests.exitCode !== 0 && failed === 0) failed++
// that the bench still runs and every answer in it is right; its figures are for quieter machines
if (process.env.CI === 'true') {
  run({ name: 'bench', command: [bun, 'bench/run.ts', '--short'] })
  run({ name: 'bench of pairs', command: [bun, 'bench/pairs.ts', '--short', '--only', 'burst'] })
  run({ name: 'bench of hedging', command: [bun, 'bench/hedge.ts', '--short'] })
  run({ name: 'bench of routing', command: [bun, 'bench/routing.ts', '--short'] })
  run({ name: 'bench of plugins', command: [bun, 'bench/plugins.ts', '--short'] })
}
if (process.env.CI === 'true' && skipped > 0) {
  console.log(`${skipped} tests were skipped, which CI does not allow`)
  failed++
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed === 0 ? 0 : 1)
