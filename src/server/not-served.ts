import type { AnyElysia } from 'elysia'
import { GatewayError } from '../errors.ts'
import { nearest } from '../nearest.ts'

/** The error for a path or method that nothing serves, with what was most likely meant. */
export const notServed = (app: AnyElysia, method: string, path: string): GatewayError => {
  const other = app.routes.find((route) => route.path === path)
  if (other)
    return new GatewayError('method_not_allowed', {
      message: `This path takes ${other.method}, not ${method}.`,
    })
  const routes = [...new Set(app.routes.map((route) => route.path))].filter(
    (route) => !route.includes('*'),
  )
  const tail = path.split('/').slice(-2).join('/')
  const close =
    nearest(path, routes) ??
    routes.find((route) => route.endsWith(`/${tail}`) || path.endsWith(route))
  return new GatewayError('not_found', {
    message: `Nothing is served here. ${close ? `Did you mean ${close}?` : 'See /docs.'}`,
  })
}
