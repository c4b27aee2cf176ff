interface Kind {
  readonly status: number
  readonly type: string
  readonly errorType: string
  readonly retryable: boolean
  readonly fault: 'client' | 'gateway' | 'endpoint' | 'key' | 'nobody'
  readonly message: string
  /** Seconds. */
  readonly retryAfter?: number
}

const client = (status: number, errorType: string, message: string): Kind => ({
  status,
  type: status === 401 ? 'authentication_error' : 'invalid_request_error',
  errorType,
  retryable: false,
  fault: 'client',
  message,
})

const upstream = (
  status: number,
  errorType: string,
  retryable: boolean,
  message: string,
  rest: Partial<Kind> = {},
): Kind => ({
  status,
  type: 'upstream_error',
  errorType,
  retryable,
  fault: 'endpoint',
  message,
  ...rest,
})

const gateway = (
  status: number,
  errorType: string,
  retryable: boolean,
  message: string,
  retryAfter?: number,
): Kind => ({
  status,
  type: 'api_error',
  errorType,
  retryable,
  fault: 'gateway',
  message,
  ...(retryAfter !== undefined && { retryAfter }),
})

/** Every error code that Sluice gives, with its status, names and advice. */
export const kinds = {
  invalid_json: client(400, 'invalid_request', 'The body is not valid JSON.'),
  json_too_complex: client(
    400,
    'invalid_request',
    'The JSON is nested too deeply or has too many keys.',
  ),
  invalid_request_error: client(400, 'invalid_request', 'The request is not valid.'),
  context_length_exceeded: client(
    400,
    'context_length_exceeded',
    'The prompt does not fit the model’s context.',
  ),
  content_policy_violation: client(
    400,
    'content_policy_violation',
    'The provider refused the content.',
  ),
  invalid_host: client(400, 'invalid_request', 'The Host header is missing or malformed.'),
  host_not_allowed: client(
    403,
    'permission_denied',
    'This Host is not on the allow-list (server.hosts).',
  ),
  origin_not_allowed: client(
    403,
    'permission_denied',
    'This Origin is not on the allow-list (server.origins).',
  ),
  invalid_api_key: client(401, 'authentication', 'The API key is missing or not valid.'),
  operation_not_supported: client(
    400,
    'invalid_request',
    'The provider of this model does not serve that operation.',
  ),
  model_not_allowed: client(403, 'permission_denied', 'This key may not use that model.'),
  plugin_not_allowed: client(403, 'permission_denied', 'This key may not switch that plugin.'),
  guardrail_blocked: client(403, 'permission_denied', 'A guardrail blocked the request.'),
  recording_not_found: client(404, 'not_found', 'Nothing was recorded for this request.'),
  model_not_found: client(404, 'not_found', 'No route and no provider for that model.'),
  no_endpoints: client(404, 'not_found', 'No endpoint of this model is left.'),
  not_found: client(404, 'not_found', 'Nothing is served here.'),
  method_not_allowed: client(405, 'invalid_request', 'This path does not take that method.'),
  request_timeout: client(408, 'timeout', 'The body did not arrive in time.'),
  payload_too_large: client(413, 'payload_too_large', 'The body is too large.'),
  unsupported_media_type: client(
    415,
    'invalid_request',
    'Send JSON with content-type: application/json.',
  ),
  client_closed: client(499, 'invalid_request', 'The client left.'),
  too_many_failures: {
    ...client(429, 'rate_limit_exceeded', 'Too many requests with a wrong key.'),
    type: 'rate_limit_error',
    retryable: true,
    retryAfter: 1,
  },
  caller_limit_exceeded: {
    ...client(429, 'rate_limit_exceeded', 'The limit of your key is reached.'),
    type: 'rate_limit_error',
    retryable: true,
    retryAfter: 1,
  },

  plugin_error: gateway(500, 'server', false, 'A plugin failed.'),
  privacy_unavailable: gateway(
    503,
    'provider_unavailable',
    false,
    'The privacy filter failed; nothing was sent.',
  ),
  moderation_unavailable: gateway(503, 'provider_unavailable', true, 'The moderation is down.', 5),
  search_unavailable: gateway(503, 'provider_unavailable', true, 'The web search is down.', 5),
  internal_error: gateway(500, 'server', false, 'Something went wrong inside the gateway.'),
  draining: gateway(503, 'provider_unavailable', true, 'The server is shutting down.', 1),
  server_shutting_down: gateway(
    503,
    'provider_unavailable',
    true,
    'The server shut down before the answer ended.',
  ),
  overloaded: gateway(503, 'provider_overloaded', true, 'Too many requests are in flight.', 1),
  no_healthy_provider: gateway(
    503,
    'provider_unavailable',
    true,
    'No provider for this model is healthy now.',
  ),

  upstream_unreachable: upstream(
    502,
    'provider_unavailable',
    true,
    'The provider could not be reached.',
    { retryAfter: 1 },
  ),
  upstream_tls_error: upstream(
    502,
    'provider_unavailable',
    false,
    'The TLS handshake with the provider failed.',
  ),
  upstream_connect_timeout: upstream(
    504,
    'timeout',
    true,
    'The provider did not accept a connection in time.',
  ),
  upstream_reset: upstream(
    502,
    'provider_unavailable',
    false,
    'The provider closed the connection without an answer.',
  ),
  upstream_timeout: upstream(504, 'timeout', false, 'The provider did not answer in time.'),
  upstream_busy: upstream(503, 'provider_overloaded', true, 'The provider is busy.'),
  upstream_redirect: upstream(
    502,
    'provider_unavailable',
    false,
    'The provider redirected the request, which is never followed.',
  ),
  upstream_invalid_response: upstream(
    502,
    'provider_unavailable',
    false,
    'The provider’s answer could not be understood.',
  ),
  upstream_empty_response: upstream(
    502,
    'provider_unavailable',
    true,
    'The provider’s answer was empty.',
  ),
  upstream_response_too_large: upstream(
    502,
    'provider_unavailable',
    false,
    'The provider’s answer was too large.',
  ),
  upstream_disconnected: upstream(
    502,
    'provider_unavailable',
    false,
    'The provider broke off in the middle of the answer.',
  ),
  upstream_auth_failed: upstream(
    502,
    'provider_unavailable',
    false,
    'The provider refused the key that Sluice has for it.',
    { fault: 'key' },
  ),
  provider_quota_exhausted: upstream(
    503,
    'provider_unavailable',
    false,
    'The account at the provider has no credit left.',
    { fault: 'key' },
  ),
  rate_limit_exceeded: upstream(
    429,
    'rate_limit_exceeded',
    true,
    'The provider’s rate limit is reached.',
    { type: 'rate_limit_error', retryAfter: 5, fault: 'key' },
  ),
  upstream_model_not_found: upstream(
    404,
    'not_found',
    false,
    'The provider does not know that model.',
    { type: 'invalid_request_error' },
  ),
  provider_full: upstream(429, 'rate_limit_exceeded', true, 'The provider is full.', {
    type: 'rate_limit_error',
    retryAfter: 1,
    fault: 'nobody',
  }),
  provider_overloaded: upstream(503, 'provider_overloaded', true, 'The provider is overloaded.', {
    retryAfter: 5,
  }),
  upstream_error: upstream(502, 'provider_unavailable', true, 'The provider failed.'),
  all_providers_failed: upstream(
    502,
    'provider_unavailable',
    true,
    'All providers for this model failed.',
  ),
} satisfies Record<string, Kind>

export type ErrorCode = keyof typeof kinds
