import { definePlugin, parametersOf, v, withTools, type ServerTool } from 'sluice/plugin'

const isZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== ''
  } catch {
    return false
  }
}

const timezone = v.pipe(v.string(), v.check(isZone, 'expected a time zone such as Europe/Berlin'))

const asked = v.strictObject({ timezone: v.exactOptional(timezone) })

const type = 'openrouter:datetime'

/** The time there as ISO 8601 with its offset, and the weekday, which models get wrong. */
const timeIn = (zone: string, now: Date) => {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    weekday: 'long',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  }).formatToParts(now)
  const part = (name: Intl.DateTimeFormatPartTypes) =>
    parts.find(({ type: known }) => known === name)?.value ?? ''
  const offset = part('timeZoneName').replace('GMT', '') || '+00:00'
  const date = `${part('year')}-${part('month')}-${part('day')}`
  const time = `${part('hour')}:${part('minute')}:${part('second')}`
  return { datetime: `${date}T${time}${offset}`, timezone: zone, weekday: part('weekday') }
}

const createTool = (zone: string, now: () => Date): ServerTool => ({
  name: 'datetime',
  type,
  description: 'Tells the current date, time and weekday.',
  parameters: {
    type: 'object',
    properties: {
      timezone: { type: 'string', description: `An IANA time zone; ${zone} by default.` },
    },
  },
  async execute(args) {
    const said = v.safeParse(v.object({ timezone: v.optional(v.nullable(timezone)) }), args)
    return said.success
      ? { text: JSON.stringify(timeIn(said.output.timezone ?? zone, now())) }
      : { text: 'That is no IANA time zone, such as Europe/Berlin.', failed: true }
  },
})

/** @param now for tests */
export const createDatetime = (now: () => Date = () => new Date()) =>
  definePlugin({
    name: 'datetime',
    options: v.strictObject({ timezone: v.optional(timezone, 'UTC') }),
    asked,
    operations: ['chat', 'count_tokens'],
    setup: (settings, host) => (asking, next) => {
      const { options: said, call } = host.asked(asking)
      const usual = said?.timezone ?? settings.timezone
      return withTools(call, next, said ? [createTool(usual, now)] : [], (entry) => {
        const wish = parametersOf(call, entry, type, asked)
        return wish && createTool(wish.timezone ?? usual, now)
      })
    },
  })

/** What time it is, for models that ask: the server tool `openrouter:datetime`. */
export default createDatetime()
