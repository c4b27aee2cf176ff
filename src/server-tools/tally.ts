import { toDollars, toNanos } from '../catalog/money.ts'
import type { Call, Usage } from '../chat.ts'
import { charges } from '../ledger/charge.ts'
import { fetchTool, searchTool } from '../server-call.ts'
import { stages } from '../told.ts'
import { sumOf } from '../usage.ts'
import type { Spent } from './bounds.ts'
import type { Ran } from './run.ts'
import { typeOf } from './tool.ts'
import { withCalls } from './usage.ts'

const spentOn = (call: Call): number =>
  call.vars.get(charges).reduce((sum, { cost }) => sum + (cost ?? 0), 0)

/** Counts what all turns of an answer take. */
export const createTally = (call: Call) => {
  const before = spentOn(call)
  const ran: Ran[] = []
  let usage: Usage | undefined
  let steps = 0
  return {
    turn: (more: Usage | undefined): void => void (usage = sumOf(usage, more)),
    step: (): void => void steps++,
    ran(one: Ran): void {
      ran.push(one)
      const { cost } = one.result
      if (cost === undefined) return
      const endpoint = one.requested.tool.name
      call.vars.get(charges).push({ endpoint, ms: 0, cost: toNanos(cost) })
    },
    get spent(): Spent {
      const cost = toDollars(spentOn(call) - before)
      return { steps, tokens: usage?.total_tokens ?? 0, cost }
    },
    /** The usage of all of it. */
    get usage(): Usage | undefined {
      const executed = ran.filter((one) => one.executed)
      const of = (type: string) =>
        executed.filter(({ requested: { tool } }) => typeOf(tool) === type).length
      const counted = {
        requested: ran.length,
        executed: executed.length,
        searches: of(searchTool),
        fetches: of(fetchTool),
      }
      return usage && withCalls(usage, counted)
    },
    /** Tells the client's metadata what was done. */
    tell(): void {
      if (ran.length === 0) return
      const executed = ran.filter((one) => one.executed)
      const cost_usd = executed.reduce((sum, { result }) => sum + (result.cost ?? 0), 0)
      call.vars.get(stages).push({
        type: 'server_tools',
        name: [...new Set(ran.map(({ requested: { tool } }) => typeOf(tool)))].join(', '),
        summary: `ran ${executed.length} of ${ran.length} tool calls`,
        data: { calls: executed.length },
        ...(cost_usd > 0 && { cost_usd }),
      })
    },
  }
}
