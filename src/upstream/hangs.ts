import { connect } from 'node:net'

/**
 * Whether a host leaves a new TCP connection hanging, asked beside a request that is still silent: `fetch` cannot tell
 * a host that does not answer from a model that is thinking. A host that refuses is there.
 * @param timeout milliseconds
 */
export const hangs = (url: string, timeout: number): Promise<boolean> => {
  const { hostname, port, protocol } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
    })
    const settle = (hanging: boolean) => {
      socket.destroy()
      resolve(hanging)
    }
    socket.setTimeout(timeout, () => settle(true))
    socket.once('connect', () => settle(false))
    socket.once('error', () => settle(false))
  })
}
