const clean = { failures: 0, ejections: 0, last_error: null }

/** `GET /api/health` */
export const health = {
  providers: [
    {
      name: 'openai',
      local: false,
      state: 'well',
      ...clean,
      in_flight: 1,
      keys: [
        { index: 0, state: 'well', ...clean },
        {
          index: 1,
          state: 'resting',
          until: '2026-11-24T12:05:00.000Z',
          failures: 1,
          ejections: 1,
          last_error: { code: 'upstream_auth_failed', at: '2026-11-24T12:00:00.000Z' },
        },
      ],
      endpoints: [
        {
          model: 'gpt-5-mini',
          state: 'well',
          ...clean,
          failing: false,
          in_flight: 1,
          uptime_last_5m: 100,
          uptime_last_30m: 99.87,
          uptime_last_1d: 99.9,
          latency_last_5m: { p50: 412, p75: 530, p90: 790.5, p99: 1_840 },
          throughput_last_5m: { p50: 96.2, p75: 88, p90: 71.4, p99: 33.1 },
          tool_success_last_1d: 98.4,
        },
      ],
    },
  ],
}
