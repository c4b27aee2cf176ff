import * as door from './plugin.ts'

/** Plugins in any folder import `sluice/plugin` without installing anything, and get this very instance. */
export const openDoor = (): void =>
  Bun.plugin({
    name: 'sluice',
    setup(build) {
      build.module('sluice/plugin', () => ({ exports: door, loader: 'object' }))
      build.module('sluice/testing', async () => ({
        exports: await import('./testing.ts'),
        loader: 'object',
      }))
    },
  })
