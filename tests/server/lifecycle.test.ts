import { expect, test } from 'bun:test'
import { createLifecycle } from '../../src/server/lifecycle.ts'

const nothing = () => {}

test('what is in flight is counted, and leaving twice is leaving once', () => {
  const lifecycle = createLifecycle(() => 10)
  const [one, two] = [lifecycle.enter(nothing), lifecycle.enter(nothing)]
  expect(lifecycle.inFlight).toBe(2)
  one.leave()
  one.leave()
  expect(lifecycle.inFlight).toBe(1)
  two.leave()
  expect(lifecycle.inFlight).toBe(0)
})

test('no more are let in than the limit says now', () => {
  let most = 1
  const lifecycle = createLifecycle(() => most)
  lifecycle.admit()
  const flight = lifecycle.enter(nothing)
  expect(() => lifecycle.admit()).toThrow('Too many requests')
  most = 2
  lifecycle.admit()
  most = 1
  flight.leave()
  lifecycle.admit()
})

test('while draining nobody is let in, and those in flight end by themselves', async () => {
  const lifecycle = createLifecycle(() => 10)
  const flight = lifecycle.enter(() => {
    throw new Error('it was ended')
  })
  const draining = lifecycle.drain(60_000)
  expect(lifecycle.draining).toBe(true)
  expect(() => lifecycle.admit()).toThrow('shutting down')
  flight.leave()
  await draining
  expect(flight.stopped()).toBeUndefined()
})

test('what does not end in time is ended and knows why', async () => {
  const lifecycle = createLifecycle(() => 10)
  const flight = lifecycle.enter(() => flight.leave())
  await lifecycle.drain(1)
  expect(flight.stopped()?.code).toBe('server_shutting_down')
  expect(lifecycle.inFlight).toBe(0)
})

test('with nothing in flight there is nothing to wait for', async () => {
  await createLifecycle(() => 10).drain(60_000)
})
