import type { Surface } from '../surfaces/surface.ts'

export const describe = (path: string, surface?: Surface) => ({
  summary: path,
  description: surface?.operation ?? '',
})
