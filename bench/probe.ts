/** Preloaded into a gateway where there is no `/proc`: tells its CPU time, in microseconds, on a port of its own. */
Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.env.BENCH_PROBE),
  fetch: () => {
    const { user, system } = process.cpuUsage()
    return new Response(String(user + system))
  },
}).unref()
