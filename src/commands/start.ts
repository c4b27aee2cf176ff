import { existsSync } from 'node:fs'
import { ConfigError } from '../config.ts'
import { startDaemon, UnsafeBindError, type Daemon } from '../daemon.ts'
import { log, traceOf } from '../log.ts'
import { version } from '../version.ts'
import { describeGateway } from './describe.ts'
import { openDoor } from '../door.ts'

export interface StartOptions {
  readonly file?: string | undefined
  readonly host?: string | undefined
  readonly port?: string | undefined
}

/** sysexits.h: the configuration is wrong. */
const configurationError = 78
const usageError = 64
const unavailable = 69
const greeting = (daemon: Daemon, file: string | undefined): string => {
  const { url } = daemon
  const unused = file === undefined && existsSync('config.yaml')
  return [
    `sluice ${version}  ${url}  (docs: ${url}/docs)`,
    '',
    describeGateway(daemon.gateway()),
    '',
    'Try it:',
    `  curl -N ${url}/v1/chat/completions -H 'content-type: application/json' \\`,
    ...(daemon.gateway().guarded ? [`    -H 'authorization: Bearer YOUR-KEY' \\`] : []),
    `    -d '{"model":"demo/demo","stream":true,"messages":[{"role":"user","content":"Hello!"}]}'`,
    '',
    `Point a client at it:  export OPENAI_BASE_URL=${url}/v1`,
    ...(unused
      ? ['', 'There is a config.yaml here, which is not used: start with --config config.yaml']
      : []),
    '',
  ].join('\n')
}

const explain = (error: unknown): number => {
  if (error instanceof ConfigError || error instanceof UnsafeBindError) {
    console.error(error.message)
    return configurationError
  }
  const { code, message } = error as { code?: string; message?: string }
  if (code === 'EADDRINUSE') {
    console.error(
      'sluice: the port is in use. Is sluice running already? Choose another with --port.',
    )
    return unavailable
  }
  console.error(`sluice: ${message ?? String(error)}`)
  return 1
}

/** Runs until a signal ends it. */
export const start = async ({ file, host, port }: StartOptions): Promise<number | undefined> => {
  if (port !== undefined && !(/^\d+$/.test(port) && Number(port) < 65_536)) {
    console.error('sluice: --port takes a number from 0 to 65535')
    return usageError
  }
  for (const event of ['unhandledRejection', 'uncaughtException'])
    process.on(event, (error: unknown) => log.fatal(event, { stack: traceOf(error) }))
  openDoor()
  let daemon: Daemon
  try {
    daemon = await startDaemon({ file, host, port: port === undefined ? undefined : Number(port) })
  } catch (error) {
    return explain(error)
  }
  let stopping = false
  const stop = async () => {
    if (stopping) process.exit(130)
    stopping = true
    log.info('stopping; calls in flight may end first')
    await daemon.stop()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())
  process.on('SIGHUP', () => void daemon.reload('SIGHUP'))
  // who reads the address may stop the daemon at once
  console.log(greeting(daemon, file))
  return undefined
}
