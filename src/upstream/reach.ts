import { connect } from 'node:net'

/**
 * Whether a host takes TCP connections, asked beside a request that is still silent: `fetch` cannot tell a host that
 * does not answer from a model that is thinking.
 * @param timeout milliseconds
 */
export const isReachable = (url: string, timeout: number): Promise<boolean> => {
  const { hostname, port, protocol } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
    })
    const settle = (reachable: boolean) => {
      socket.destroy()
      resolve(reachable)
    }
    socket.setTimeout(timeout, () => settle(false))
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}
