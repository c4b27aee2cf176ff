import type { Env } from '../../config/model.ts'
import { connect } from '../connect.ts'
import { agentsFound } from './agents.ts'
import { ask } from './ask.ts'

export interface Offer {
  readonly host: string
  readonly port: number
  readonly key: string | undefined
  readonly env: Env
  readonly asks: boolean
}

/** Tells of the coding agents that are here and, if somebody is there to choose, connects them. */
export async function offerAgents({ host, port, key, env, asks }: Offer): Promise<void> {
  const home = env.HOME || env.USERPROFILE
  const found = home ? await agentsFound(env, home) : []
  const [first] = found
  if (!first || port === 0) return
  if (!asks) {
    console.log(`Coding agents here: ${found.map(({ name }) => name).join(', ')}.`)
    console.log(`bun sluice connect ${first.name} shows what would point one at Sluice.`)
    return
  }
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const url = `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
  for (const agent of await ask.which(found)) {
    await connect({ agent, url, key, env, tty: true })
  }
}
