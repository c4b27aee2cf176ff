import { configureSync, getLogger, type LogRecord } from '@logtape/logtape'
import type { ServerConfig } from './config.ts'

export const log = getLogger(['sluice'])

const colours = { debug: 90, info: 32, warning: 33, error: 31, fatal: 35, trace: 90 } as const
const dim = (text: string) => `\u001B[2m${text}\u001B[0m`
const colour = (text: string, code: number) => `\u001B[${code}m${text}\u001B[0m`

const isRequest = (properties: Readonly<Record<string, unknown>>): boolean =>
  'status' in properties && 'attempts' in properties

/** `200 gpt → box/echo  2+25 tokens  first 2 ms  all 16 ms  after a:upstream_timeout` */
const requestLine = (operation: string, fields: Readonly<Record<string, unknown>>): string => {
  const status = Number(fields.status)
  const tokens =
    fields.prompt_tokens === undefined
      ? ''
      : `${String(fields.prompt_tokens)}+${String(fields.completion_tokens ?? 0)} tokens`
  return [
    colour(String(status), status < 400 ? 32 : status < 500 ? 33 : 31),
    operation,
    `${String(fields.model ?? '-')}${fields.served ? ` → ${String(fields.served)}` : ''}`,
    fields.code ? colour(String(fields.code), 33) : '',
    tokens,
    dim(`first ${String(fields.first_ms ?? '-')} ms, all ${String(fields.ms)} ms`),
    Array.isArray(fields.failed) ? colour(`after ${fields.failed.join(', ')}`, 33) : '',
    dim([fields.caller, fields.id].filter(Boolean).join(' ')),
    fields.stack ? `\n${String(fields.stack)}` : '',
  ]
    .filter(Boolean)
    .join('  ')
}

const shown = (value: unknown): string => {
  if (Array.isArray(value)) return value.map((line) => `\n    ${String(line)}`).join('')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** One line for people. */
const pretty = ({ timestamp, level, message, properties }: LogRecord): string => {
  const time = dim(new Date(timestamp).toTimeString().slice(0, 8))
  if (isRequest(properties)) return `${time} ${requestLine(message.join(''), properties)}\n`
  const fields = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${dim(`${name}=`)}${shown(value)}`)
  const mark = level === 'info' ? '' : `${colour(level, colours[level])} `
  return `${time} ${mark}${message.join('')} ${fields.join(' ')}\n`
}

/** One JSON object for machines. */
const json = ({ timestamp, level, message, properties }: LogRecord): string =>
  `${JSON.stringify({ time: new Date(timestamp).toISOString(), level, message: message.join(''), ...properties })}\n`

/**
 * An error's name and where it came from. Its message stays out, since it may quote what a client sent, unless
 * SLUICE_DEBUG is set.
 */
export const traceOf = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error
  const stack = error.stack ?? ''
  if (process.env.SLUICE_DEBUG) return stack || String(error)
  return [error.name, ...stack.split('\n').filter((line) => /^\s+at /.test(line))].join('\n')
}

/** A line that is written as it is: every request has one, and what others may need is much dearer. */
export const logPlain = (
  level: 'info' | 'warning',
  message: string,
  properties: Record<string, unknown>,
): void => {
  const record: LogRecord = {
    category: log.category,
    level,
    message: [message],
    rawMessage: message,
    timestamp: Date.now(),
    properties,
  }
  log.emit(record)
}

/** Milliseconds that a line may wait for others to be written with it. */
const gather = 50
let lines: string[] = []

/** Writes what has gathered; also at the end of the process. */
export const flushLog = (): void => {
  if (lines.length === 0) return
  const text = lines.join('')
  lines = []
  process.stdout.write(text)
}
process.on('exit', flushLog)

const write = (line: string): void => {
  if (lines.push(line) === 1) setTimeout(flushLog, gather)
}

/** Logs go to stdout: pretty on a terminal, JSON otherwise, as `server.log` says. */
export const configureLog = (mode: ServerConfig['log']): void => {
  const format = mode === 'pretty' || (mode === 'auto' && process.stdout.isTTY) ? pretty : json
  configureSync({
    reset: true,
    sinks: { out: (record) => write(format(record)) },
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
