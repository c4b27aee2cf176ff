import { expect, test } from 'bun:test'
import { GatewayError } from '../../src/errors.ts'
import { createWatch } from '../../src/upstream/watch.ts'

const never = 60_000
const total = () => new GatewayError('upstream_timeout', { message: 'total' })
const silence = () => new GatewayError('upstream_timeout', { message: 'silence' })

/** A watch, and a promise of what ran out. */
const setUp = (limit: number) => {
  const { promise, resolve } = Promise.withResolvers<GatewayError>()
  let times = 0
  const watch = createWatch(limit, total, (error) => {
    times++
    resolve(error)
  })
  return { watch, expired: promise, times: () => times }
}

test('silence runs out with the error it was armed with', async () => {
  const { watch, expired, times } = setUp(never)
  expect(watch.expired).toBeUndefined()
  watch.arm(10, silence)
  const error = await expired
  expect(error.message).toBe('silence')
  expect(watch.expired).toBe(error)
  expect(times()).toBe(1)
  watch.stop()
})

test('what arrives keeps it from running out', async () => {
  const { watch, times } = setUp(never)
  watch.arm(80, silence)
  for (let n = 0; n < 20; n++) {
    await Bun.sleep(8)
    watch.touch()
  }
  expect(times()).toBe(0)
  watch.stop()
})

test('the whole has a limit that nothing moves', async () => {
  const { watch, expired } = setUp(40)
  watch.arm(never, silence)
  const touching = setInterval(() => watch.touch(), 2)
  expect((await expired).message).toBe('total')
  clearInterval(touching)
  watch.stop()
})

test('armed anew, it forgets the limit and the error of before', async () => {
  const { watch, expired } = setUp(never)
  watch.arm(10, () => new GatewayError('upstream_connect_timeout', { message: 'before' }))
  watch.arm(20, silence)
  expect((await expired).message).toBe('silence')
  watch.stop()
})

test('a limit of nothing runs out at once', () => {
  const { watch } = setUp(never)
  watch.arm(0, silence)
  expect(watch.expired?.message).toBe('silence')
  watch.stop()
})

test('stopped, it never runs out', async () => {
  const { watch, times } = setUp(30)
  watch.arm(5, silence)
  watch.stop()
  await Bun.sleep(60)
  expect(times()).toBe(0)
  expect(watch.expired).toBeUndefined()
})

test('what is expected must come in time, whatever else arrives', async () => {
  const { watch, expired } = setUp(never)
  watch.arm(never, silence)
  watch.expect(40, () => new GatewayError('upstream_timeout', { message: 'unmet' }))
  const touching = setInterval(() => watch.touch(), 2)
  expect((await expired).message).toBe('unmet')
  clearInterval(touching)
  watch.stop()
})

test('once it has come, silence is limited by itself', async () => {
  const { watch, expired } = setUp(never)
  watch.expect(10, () => new GatewayError('upstream_timeout', { message: 'unmet' }))
  watch.met()
  watch.arm(60, silence)
  expect((await expired).message).toBe('silence')
  watch.stop()
})
