import { stat } from 'node:fs/promises'
import type { Env } from '../../config/model.ts'
import type { Agent } from './agent.ts'
import { aider } from './aider.ts'
import { claudeCode } from './claude-code.ts'
import { cline } from './cline.ts'
import { codex } from './codex.ts'
import { continueDev } from './continue.ts'
import { geminiCli } from './gemini-cli.ts'
import { opencode } from './opencode.ts'
import { qwenCode } from './qwen-code.ts'

export const agents: readonly Agent[] = [
  claudeCode,
  codex,
  opencode,
  geminiCli,
  qwenCode,
  aider,
  continueDev,
  cline,
]

/** Those whose program or folder is here. */
export async function agentsFound(env: Env, home: string): Promise<readonly Agent[]> {
  const found = await Promise.all(agents.map((agent) => isHere(agent, env, home)))
  return agents.filter((_, index) => found[index])
}

async function isHere(agent: Agent, env: Env, home: string): Promise<boolean> {
  if (agent.program && Bun.which(agent.program, { PATH: env.PATH ?? '' })) return true
  const dir = agent.dir(env, home)
  if (dir === home) return false
  return stat(dir).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
