import type { AnyElysia } from 'elysia'
import { nearest } from '../nearest.ts'

/** What a client that asked for the wrong path most likely meant. */
export const nearestRoute = (app: AnyElysia, method: string, path: string): string => {
  const routes = [
    ...new Set(app.routes.filter(({ path }) => !path.includes('*')).map(({ path }) => path)),
  ]
  const here = app.routes.find((route) => route.path === path && route.method !== method)
  if (here) return `This path takes ${here.method}, not ${method}.`
  const tail = path.split('/').slice(-2).join('/')
  const close =
    nearest(path, routes) ??
    routes.find((route) => route.endsWith(`/${tail}`)) ??
    routes.find((route) => path.endsWith(route))
  return close
    ? `Nothing is served here. Did you mean ${close}?`
    : 'Nothing is served here. See /docs.'
}
