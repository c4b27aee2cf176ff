import { describe, expect, test } from 'bun:test'
import * as v from 'valibot'
import { termsSchema } from '../src/config/plugin-terms.ts'
import { caller, type Call, type Caller } from '../src/chat.ts'
import { notices } from '../src/told.ts'
import { GatewayError } from '../src/errors.ts'
import { askedOf, isOn, layered, passed, type Layer } from '../src/plugins/layer.ts'
import { readSwitches } from '../src/plugins/switches.ts'
import { definePlugin } from '../src/plugins/definition.ts'
import { answerWith } from '../src/stream.ts'
import { fakeCall, mount } from '../src/testing.ts'

const layer = (terms: object = {}, asked: v.GenericSchema | undefined = options): Layer => ({
  name: 'online',
  ids: ['web'],
  ...(asked && { asked }),
  terms: v.parse(termsSchema, terms),
})
const options = v.strictObject({
  max_results: v.exactOptional(v.number()),
  engine: v.exactOptional(v.string()),
})
const same = (model: string) => model
const asking = (...plugins: object[]) => fakeCall({ plugins })
const by = (who: Caller, call: Call = fakeCall()): Call => {
  call.vars.set(caller, who)
  return call
}

describe('a plugin sees a call', () => {
  test('unless it is off, or the request says so', () => {
    expect(isOn(fakeCall(), layer(), same)).toBe(true)
    expect(isOn(fakeCall(), layer({ enabled: false }), same)).toBe(false)
    expect(isOn(asking({ id: 'web' }), layer({ enabled: false }), same)).toBe(true)
    expect(isOn(asking({ id: 'web', enabled: false }), layer(), same)).toBe(false)
    expect(isOn(asking({ id: 'other', enabled: false }), layer(), same)).toBe(true)
  })

  test('whatever the request says, where the YAML or the plugin does not let it', () => {
    const off = asking({ id: 'web', enabled: false })
    expect(isOn(off, layer({ overrides: false }), same)).toBe(true)
    expect(isOn(off, { ...layer(), asked: undefined } as unknown as Layer, same)).toBe(true)
  })

  test('that guards, whatever the request says, and where it is off, if the request wants it', () => {
    const guarding = (terms: object = {}): Layer => ({ ...layer(terms), insists: true })
    const off = asking({ id: 'web', enabled: false })
    expect(isOn(off, guarding(), same)).toBe(true)
    expect(isOn(off, guarding({ enabled: false }), same)).toBe(false)
    expect(isOn(asking({ id: 'web' }), guarding({ enabled: false }), same)).toBe(true)
  })

  test('if it is for that model, that key and its tags', () => {
    const whose = layer({ for: { models: ['vendor/*'], callers: ['lap*'], tags: { team: 'a' } } })
    const model = { model: 'vendor/x' }
    const who = { name: 'laptop', tags: { team: 'a' } }
    expect(isOn(by(who, fakeCall(model)), whose, same)).toBe(true)
    expect(isOn(by(who), whose, same)).toBe(false)
    expect(isOn(by(who, fakeCall({ model: 'alias' })), whose, () => 'vendor/x')).toBe(true)
    expect(isOn(by({ ...who, tags: { team: 'b' } }, fakeCall(model)), whose, same)).toBe(false)
    expect(isOn(fakeCall(model), whose, same)).toBe(false)
  })
})

test('a call knows which plugins it went through', () => {
  const call = fakeCall()
  const through = (terms: object, name: string) =>
    layered({ ...layer(terms), name }, (given, next) => next(given), same)
  const inner = through({}, 'inner')
  const off = through({ enabled: false }, 'off')
  through({}, 'outer')(call, (given) => off(given, (more) => inner(more, () => answerWith({}))))
  expect([...call.vars.get(passed)]).toEqual(['outer', 'inner'])
})

test('a plugin of a test sees what it would see', async () => {
  const chat = definePlugin({
    name: 'online',
    options: v.strictObject({}),
    operations: ['chat'],
    setup: () => () => answerWith({ object: 'mine' }),
  })
  const theirs = answerWith({ object: 'theirs' })
  const handler = await mount(chat, {}, () => theirs)
  expect(handler(fakeCall({}, { operation: 'embeddings' }))).toBe(theirs)
  expect(handler(fakeCall())).not.toBe(theirs)
})

describe('what a request says of a plugin', () => {
  test('is checked, and taken out of what goes on', () => {
    const call = asking({ id: 'web', max_results: 3 }, { id: 'other' })
    const asked = askedOf(call, layer())
    expect(asked.options).toEqual({ max_results: 3 })
    expect(asked.call.request.plugins).toEqual([{ id: 'other' }])
    expect('plugins' in askedOf(asking({ id: 'web' }), layer()).call.request).toBe(false)
    expect(askedOf(fakeCall(), layer()).options).toBeUndefined()
  })

  test('names the place of a mistake, and nothing of what was written', () => {
    const told = (said: object) => {
      try {
        askedOf(asking({ id: 'x' }, { id: 'web', ...said }), layer())
      } catch (thrown) {
        const { code, details, message } = thrown as GatewayError
        return [code, details.param, message]
      }
    }
    expect(told({ max_results: 'secret' })).toEqual([
      'invalid_request_error',
      'plugins[1].max_results',
      'plugins[1].max_results: expected number.',
    ])
    expect(told({ unknown: 1 })?.[1]).toBe('plugins[1].unknown')
  })

  test('counts only where the YAML lets it; the client hears of the rest', () => {
    const call = asking({ id: 'web', max_results: 3, engine: 'exa' })
    const { options: said } = askedOf(call, layer({ overrides: ['max_results'] }))
    expect(said).toEqual({ max_results: 3 })
    expect(call.vars.get(notices)).toEqual([
      'online: some of its options cannot be set by a request here',
    ])
    const none = askedOf(call, layer({ overrides: false }))
    expect([none.options, 'plugins' in none.call.request]).toEqual([undefined, false])
  })
})

describe('X-Sluice-Plugins', () => {
  const read = (header: string, who?: Caller): boolean | string => {
    const call = fakeCall({}, { headers: new Headers({ 'x-sluice-plugins': header }) })
    if (who) call.vars.set(caller, who)
    try {
      readSwitches([layer(), layer({})], [{ name: 'auth' }])(call, () => {
        throw new Error('passed')
      })
    } catch (thrown) {
      if (thrown instanceof GatewayError) return thrown.code
    }
    return isOn(call, layer(), same)
  }

  test('switches plugins that are configured, for who may', () => {
    expect(read('-online')).toBe(false)
    expect(read('+online')).toBe(true)
    expect(read('')).toBe(true)
    expect(read('-onlin')).toBe('invalid_request_error')
    expect(read('online')).toBe('invalid_request_error')
    expect(read('-auth')).toBe('plugin_not_allowed')
    const who = { name: 'laptop', tags: {} }
    expect(read('-online', who)).toBe('plugin_not_allowed')
    expect(read('-onlin', who)).toBe('plugin_not_allowed')
    expect(read('-online', { ...who, plugins: ['on*'] })).toBe(false)
  })
})
