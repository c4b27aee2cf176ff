import { describe, expect, test } from 'bun:test'
import { collect, type Call } from 'sluice/plugin'
import { calls, contract, fakeCall, mount, says, scripted } from 'sluice/testing'
import datetime, { createDatetime } from '../../plugins/datetime.ts'

contract(datetime, {})

const tool = (parameters?: object) => ({
  type: 'openrouter:datetime',
  ...(parameters && { parameters }),
})

/** What the model is told at a moment when it is already the next day in Tokyo. */
const told = async (request: Partial<Call['request']>, args = '{}', options = {}) => {
  const provider = scripted(calls([{ name: 'datetime', arguments: args }]), says('There.'))
  const plugin = createDatetime(() => new Date('2026-03-12T18:30:05Z'))
  const handler = await mount(plugin, options, provider)
  await collect(handler(fakeCall(request)))
  return provider.calls[1]?.request.messages?.at(-1)?.content as string
}

describe('the time', () => {
  test('is told in UTC, unless the YAML, the request or the model says another zone', async () => {
    const utc = { datetime: '2026-03-12T18:30:05+00:00', timezone: 'UTC', weekday: 'Thursday' }
    expect(JSON.parse(await told({ tools: [tool()] }))).toEqual(utc)
    const berlin = await told({ tools: [tool()] }, '{}', { timezone: 'Europe/Berlin' })
    expect(JSON.parse(berlin)).toMatchObject({ datetime: '2026-03-12T19:30:05+01:00' })
    const york = { tools: [tool({ timezone: 'America/New_York' })] }
    expect(JSON.parse(await told(york))).toMatchObject({ datetime: '2026-03-12T14:30:05-04:00' })
    const tokyo = JSON.parse(await told(york, '{"timezone":"Asia/Tokyo"}'))
    expect(tokyo).toMatchObject({ datetime: '2026-03-13T03:30:05+09:00', weekday: 'Friday' })
  })

  test('is asked for by the plugin’s id as well', async () => {
    const plugins = [{ id: 'datetime', timezone: 'Asia/Kolkata' }]
    expect(await told({ plugins })).toContain('2026-03-13T00:00:05+05:30')
  })

  test('of a zone that does not exist is no time', async () => {
    expect(await told({ tools: [tool()] }, '{"timezone":"Mars/Olympus"}')).toContain('no IANA')
    const wrong = told({
      tools: [{ type: 'function', function: { name: 'f' } }, tool({ timezone: 'Mars' })],
    })
    await expect(wrong).rejects.toThrow('tools[1].parameters.timezone: expected a time zone')
  })

  test('is nobody’s business where nobody asks for it', async () => {
    const provider = scripted(says('Hi.'))
    const call = fakeCall({ tools: [{ type: 'function', function: { name: 'datetime' } }] })
    await collect((await mount(datetime, {}, provider))(call))
    expect(provider.calls[0]).toBe(call)
  })
})
