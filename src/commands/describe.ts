import type { Config, PluginTerms, ProviderConfig, RouteConfig, RouteTarget } from '../config.ts'
import type { LoadedPlugin } from '../plugins.ts'

const column = 11

const block = (title: string, lines: readonly string[]): string =>
  lines.map((line, at) => (at === 0 ? title : '').padEnd(column) + line).join('\n')

const providerLine = ({ name, base_url, models, api_keys }: ProviderConfig): string => {
  const details = [
    base_url === 'demo:' ? 'built in, answers with what it was sent' : base_url,
    api_keys.length > 1 ? `${api_keys.length} keys` : '',
    models.length > 0
      ? models.slice(0, 4).join(', ') + (models.length > 4 ? `, … (${models.length})` : '')
      : '',
  ]
  return `${name.padEnd(14)} ${details.filter(Boolean).join('  ')}`
}

const weightOf = (weight: number | undefined): string =>
  weight === undefined ? '' : ` (${weight})`

/** In the order in which they are tried, and what is tried when all of them have failed. */
const targetText = ({ endpoints, balance, models = [], offline }: RouteTarget): string =>
  [
    `→ ${endpoints.map(({ endpoint, weight }) => endpoint + weightOf(weight)).join(', ')}`,
    balance === 'price' ? ', balanced by price' : '',
    models.length > 0 ? `, then ${models.join(', ')}` : '',
    offline === undefined ? '' : `, offline ${offline}`,
  ].join('')

const routeLine = ([pattern, target]: readonly [string, RouteConfig]): string => {
  return `${pattern.padEnd(14)} ${'alias' in target ? `= ${target.alias}` : targetText(target)}`
}

const whose = ({ models, callers, tags }: NonNullable<PluginTerms['for']>): string =>
  [
    models && `models ${models.join(', ')}`,
    callers && `keys ${callers.join(', ')}`,
    tags &&
      `tags ${Object.entries(tags)
        .map(([tag, value]) => `${tag}=${value}`)
        .join(', ')}`,
  ]
    .filter(Boolean)
    .join(' and ')

/** What the YAML says of a plugin beside its options; nothing where it says nothing. */
const termsLines = ({ name, terms }: LoadedPlugin): readonly string[] => {
  const said = [
    terms.enabled ? '' : 'off unless a request asks for it',
    terms.for ? `for ${whose(terms.for)}` : '',
    terms.on_error === 'skip' ? 'left out when it fails' : '',
    terms.overrides === false ? 'fixed for requests' : '',
    Array.isArray(terms.overrides) ? `requests may set ${terms.overrides.join(', ')}` : '',
  ].filter(Boolean)
  return said.length > 0 ? [`${name.padEnd(14)} ${said.join('; ')}`] : []
}

/** What a config comes to, for a person: providers, routes, and the onion from the outside in. */
export const describeGateway = ({
  config,
  plugins,
}: {
  readonly config: Config
  readonly plugins: readonly LoadedPlugin[]
}): string =>
  [
    block('providers', [...config.providers.values()].map(providerLine)),
    block('routes', [...[...config.routes].map(routeLine), 'provider/model goes to that provider']),
    block('plugins', [
      ['client', ...plugins.map(({ name }) => name), 'provider'].join(' → '),
      ...plugins.flatMap(termsLines),
    ]),
  ].join('\n\n')
