import type { Shape } from './fixture.ts'
import { plugins } from './plan.ts'
import type { Stage, Target } from './processes.ts'

/** One way from the client to the provider. */
export interface Variant {
  readonly name: string
  readonly target: Target
  /** Whether a gateway stands in between. */
  readonly gateway: boolean
  /** Whether the targets hold for it. */
  readonly judged: boolean
}

export const direct = 'direct'
export const bare = 'bare forwarder'

/** What a client calls the provider's model. */
export const modelFor = ({ gateway }: Variant, shape: Shape): string =>
  gateway ? `box/${shape}` : shape

const configFor = (upstream: string, plugins: readonly unknown[]) => ({
  server: { log: 'json', discover: false },
  providers: {
    box: {
      dialect: 'openai',
      base_url: upstream,
      api_key: 'k',
      models: ['whole', 'burst', 'paced'],
    },
  },
  plugins,
})

/** @param other another checkout to hold this one against */
export const startVariants = async (stage: Stage, other?: string): Promise<Variant[]> => {
  const root = `${import.meta.dir}/..`
  const mock = await stage.script('mock', 'others')
  const upstream = `http://127.0.0.1:${mock.port}/v1`
  const sluice = async (name: string, root: string, plugins: readonly unknown[]) => ({
    name,
    target: await stage.sluice(root, configFor(upstream, plugins)),
    gateway: true,
    judged: true,
  })
  return [
    { name: direct, target: mock, gateway: false, judged: false },
    {
      name: bare,
      target: await stage.script('forwarder', 'gateway', upstream),
      gateway: true,
      judged: false,
    },
    await sluice('sluice', root, []),
    await sluice('sluice + plugins', root, plugins),
    ...(other === undefined ? [] : [await sluice('other + plugins', other, plugins)]),
  ]
}
