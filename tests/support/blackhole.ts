import { connect, type Socket } from 'node:net'

const listener = `
  const server = require('node:net').createServer(() => {})
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port))
`

export interface Blackhole {
  readonly url: string
  [Symbol.asyncDispose](): Promise<void>
}

/** An address that lets connections hang: a stopped process whose accept queue is full. */
export const startBlackhole = async (): Promise<Blackhole> => {
  const child = Bun.spawn([process.execPath, '-e', listener], { stdout: 'pipe', stderr: 'inherit' })
  const { value } = await child.stdout.getReader().read()
  const port = Number(new TextDecoder().decode(value))
  child.kill('SIGSTOP')
  const sockets: Socket[] = []
  while (await connects(port, sockets))
    if (sockets.length > 5000) throw new Error('the accept queue never fills')
  return {
    url: `http://127.0.0.1:${port}/v1`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      child.kill('SIGKILL')
      await child.exited
    },
  }
}

const connects = (port: number, sockets: Socket[]): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => {})
  return Promise.race([
    new Promise<boolean>((connected) => socket.once('connect', () => connected(true))),
    Bun.sleep(300).then(() => false),
  ])
}
