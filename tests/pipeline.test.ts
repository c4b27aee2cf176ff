import { expect, test } from 'bun:test'
import { compose, key, Vars, type Handler, type Middleware } from '../src/pipeline.ts'

type Path = readonly string[]

const collected = async (chunks: AsyncIterable<string>): Promise<string[]> =>
  Array.fromAsync(chunks)

/** Tells the way of the call that reached it. */
const innermost: Handler<Path, string> = async function* innermost(call) {
  yield [...call, 'provider'].join(' > ')
}

const passing = (name: string): Middleware<Path, string> =>
  async function* pass(call, next) {
    for await (const chunk of next([...call, name])) yield `${name}(${chunk})`
  }

test('without middleware the innermost handler is all there is', () => {
  expect(compose([], innermost)).toBe(innermost)
})

test('the first middleware is the outermost, on the way in and on the way out', async () => {
  const handler = compose([passing('a'), passing('b'), passing('c')], innermost)
  expect(await collected(handler([]))).toEqual(['a(b(c(a > b > c > provider)))'])
})

test('next may be called many times, and each time passes everything further in', async () => {
  let inner = 0
  const counting: Middleware<Path, string> = (call, next) => {
    inner++
    return next(call)
  }
  const thrice: Middleware<Path, string> = async function* thrice(call, next) {
    for (const turn of ['1', '2', '3']) yield* next([...call, turn])
  }
  expect(await collected(compose([thrice, counting], innermost)([]))).toEqual([
    '1 > provider',
    '2 > provider',
    '3 > provider',
  ])
  expect(inner).toBe(3)
})

test('a middleware that never calls next answers alone', async () => {
  const cache: Middleware<Path, string> = async function* cache() {
    yield 'known'
  }
  const unreachable: Handler<Path, string> = () => {
    throw new Error('asked')
  }
  expect(await collected(compose([cache, passing('a')], unreachable)([]))).toEqual(['known'])
})

test('what a middleware returns is handed on as it is', () => {
  const answer = innermost([])
  const handler = compose<Path, string>([(call, next) => next(call)], () => answer)
  expect(handler([])).toBe(answer)
})

test('one composition serves many calls at once', async () => {
  const handler = compose([passing('a')], innermost)
  const answers = await Promise.all(['x', 'y'].map((name) => collected(handler([name]))))
  expect(answers).toEqual([['a(x > a > provider)'], ['a(y > a > provider)']])
})

test('a variable begins with its initial value, made once for each call', () => {
  let made = 0
  const list = key<string[]>('list', () => {
    made++
    return []
  })
  const vars = new Vars()
  vars.get(list).push('a')
  expect(vars.get(list)).toEqual(['a'])
  expect(made).toBe(1)
  expect(new Vars().get(list)).toEqual([])
})

test('a variable that was set to undefined stays so', () => {
  const maybe = key<string | undefined>('maybe', () => 'initial')
  const vars = new Vars()
  vars.set(maybe, undefined)
  expect(vars.get(maybe)).toBeUndefined()
})

test('two keys of one name are two variables', () => {
  const mine = key('name', () => 'mine')
  const yours = key('name', () => 'yours')
  const vars = new Vars()
  vars.set(mine, 'changed')
  expect([vars.get(mine), vars.get(yours)]).toEqual(['changed', 'yours'])
})
