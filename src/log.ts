import { configureSync, getLogger, type LogRecord } from '@logtape/logtape'
import type { ServerConfig } from './config.ts'

export const log = getLogger(['sluice'])

const colours = { debug: 90, info: 32, warning: 33, error: 31, fatal: 35, trace: 90 } as const
const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

/** One line for people: time, level, message, fields. */
const pretty = ({ timestamp, level, message, properties }: LogRecord): string => {
  const time = new Date(timestamp).toTimeString().slice(0, 8)
  const fields = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `\u001B[2m${name}=\u001B[0m${shown(value)}`)
  const mark = level === 'info' ? ' ' : `\u001B[${colours[level]}m${level}\u001B[0m `
  return `\u001B[2m${time}\u001B[0m ${mark}${message.join('')} ${fields.join(' ')}\n`
}

/** One JSON object for machines. */
const json = ({ timestamp, level, message, properties }: LogRecord): string =>
  `${JSON.stringify({ time: new Date(timestamp).toISOString(), level, message: message.join(''), ...properties })}\n`

/** Logs go to stdout: pretty on a terminal, JSON otherwise, as `server.log` says. */
export const configureLog = (mode: ServerConfig['log']): void => {
  const format = mode === 'pretty' || (mode === 'auto' && process.stdout.isTTY) ? pretty : json
  configureSync({
    reset: true,
    sinks: { out: (record) => void process.stdout.write(format(record)) },
    loggers: [
      { category: ['logtape', 'meta'], sinks: [], lowestLevel: 'error' },
      {
        category: ['sluice'],
        sinks: mode === 'silent' ? [] : ['out'],
        lowestLevel: process.env.SLUICE_DEBUG ? 'debug' : 'info',
      },
    ],
  })
}
