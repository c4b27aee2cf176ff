import { expect, test } from 'bun:test'
import { attempts, seams, type Call } from '../../src/chat.ts'
import { GatewayError } from '../../src/errors.ts'
import { charges } from '../../src/ledger/charge.ts'
import { explanationOf } from '../../src/ledger/explanation.ts'
import { Vars } from '../../src/pipeline.ts'
import { plan, type Plan } from '../../src/router/plan.ts'

const toCall = (made?: Partial<Plan>): Call => {
  const vars = new Vars()
  const whole = { requested: ['one'], strategy: 'direct', excluded: [], summary: '', ...made }
  if (made) vars.set(plan, whole as unknown as Plan)
  return { request: { model: 'one' }, vars } as unknown as Call
}

const split = (id: string) => {
  const [provider = '', model = ''] = id.split('/')
  return { provider, model }
}
const candidate = (model: string, id: string, more: object = {}): any => ({
  model,
  endpoint: split(id),
  notes: [],
  ...more,
})
const tries = ({ vars }: Call, id: string, code = 'ok') =>
  vars.get(attempts).push({ ...split(id), status: 200, code, ms: 1 })

test('a call that nobody looked at yet says so', () => {
  expect(explanationOf(toCall(), 3)).toEqual({
    requested: 'one',
    strategy: 'direct',
    region: null,
    summary: 'available=0',
    attempt: 0,
    attempts: [],
    is_byok: true,
    endpoints: { total: 0, available: [] },
    excluded: [],
    pipeline: [],
  })
})

test('what was planned is told in its order, with what is known of it', () => {
  const candidates = [
    candidate('one', 'a/m', { cost: 0.1 }),
    candidate('one', 'b/m', { notes: ['sticky'] }),
  ]
  const excluded = [{ ...candidate('one', 'c/m'), by: 'max_price' as const, detail: 'too dear' }]
  const call = toCall({ candidates, excluded, summary: 'auto: difficulty 0.2', strategy: 'auto' })
  tries(call, 'a/m', 'upstream_error')
  tries(call, 'b/m')
  const told = explanationOf(call, 3)
  expect(told).toMatchObject({
    strategy: 'auto',
    summary: 'available=2, excluded=1, selected=b/m, auto: difficulty 0.2',
    attempt: 2,
    endpoints: {
      total: 3,
      available: [
        { provider: 'a', model: 'm', selected: false, cost: 0.1 },
        { provider: 'b', model: 'm', selected: true, notes: ['sticky'] },
      ],
    },
    excluded: [{ provider: 'c', model: 'm', by: 'max_price', detail: 'too dear' }],
  })
})

test('an answer of another model than the first is a fallback', () => {
  const call = toCall({ candidates: [candidate('one', 'a/m'), candidate('two', 'b/n')] })
  tries(call, 'a/m', 'upstream_error')
  tries(call, 'b/n')
  expect(explanationOf(call, 3).strategy).toBe('fallback')
})

test('a failure selects nobody, also when it came in the middle of an answer', () => {
  const call = toCall({ candidates: [candidate('one', 'a/m')] })
  tries(call, 'a/m')
  const told = explanationOf(call, 3, new GatewayError('upstream_disconnected'))
  expect(told.endpoints.available).toEqual([{ provider: 'a', model: 'm', selected: false }])
  expect([told.attempt, told.summary]).toEqual([1, 'available=1'])
})

test('hedges and seams are told, and that a price is not known', () => {
  const call = toCall({ candidates: [candidate('one', 'a/m'), candidate('one', 'b/m')] })
  tries(call, 'a/m', 'hedged')
  tries(call, 'b/m')
  call.vars.get(seams).push({ from: 'a/m', to: 'b/m', at: 40 })
  call.vars.get(charges).push({ endpoint: 'b/m', ms: 7.4, cost: undefined })
  const told = explanationOf(call, 30)
  expect(told).toMatchObject({
    hedged: true,
    resumed: [{ from: 'a/m', to: 'b/m', at: 40 }],
    generation_time: 7,
  })
  expect('cost' in told).toBe(false)
})

test('the costs of all attempts are told together', () => {
  const call = toCall()
  tries(call, 'a/m')
  call.vars
    .get(charges)
    .push({ endpoint: 'b/m', ms: 1, cost: 1_000_000 }, { endpoint: 'a/m', ms: 2, cost: 500_000 })
  expect(explanationOf(call, 3).cost).toBe(0.0015)
})

test('lists stay short, whatever is configured', () => {
  const many = Array.from({ length: 500 }, (_, at) => candidate('one', `p${at}/m`))
  const told = explanationOf(toCall({ candidates: many }), 3)
  expect([told.endpoints.total, told.endpoints.available.length]).toEqual([500, 100])
})

test('an endpoint for when nobody else can be reached is listed as that', () => {
  const offline = candidate('one', 'local/s', { notes: ['offline'] })
  const call = toCall({ candidates: [candidate('one', 'a/m')], offline })
  tries(call, 'a/m', 'upstream_unreachable')
  tries(call, 'local/s')
  expect(explanationOf(call, 3)).toMatchObject({
    strategy: 'fallback',
    endpoints: {
      total: 2,
      available: [{ selected: false }, { provider: 'local', selected: true, notes: ['offline'] }],
    },
  })
})
