/** Fields that speak to Sluice alone. */
export const ownFields = ['models', 'route'] as const

/** Fields that speak to a router; OpenRouter as a provider knows them. */
export const sharedFields = [
  'provider',
  'plugins',
  'preset',
  'transforms',
  'session_id',
  'trace',
  'debug',
  'stop_server_tools_when',
] as const

/** What no other provider is told: many would refuse the request. */
export const routing = [...ownFields, ...sharedFields] as const
