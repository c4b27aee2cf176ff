import { swagger, type ElysiaSwaggerConfig } from '@elysiajs/swagger'
import { Elysia, type AnyElysia } from 'elysia'
import { assets, serveAsset } from './docs-assets.ts'
import { introduction } from './docs-intro.ts'
import { servePage } from './docs-page.ts'
import { createDocument } from './openapi-document.ts'

const hidden = { detail: { hide: true } }

/**
 * Swagger UI at `/docs`, its document at `/docs/json`. `@elysiajs/swagger` runs behind routes of our own, because its
 * page loads scripts from a CDN and its generator knows no valibot.
 */
export const docs = (app: AnyElysia) => {
  let document: ReturnType<typeof createDocument> | undefined
  const known = () => (document ??= createDocument(app))
  const ui = swagger({
    provider: 'swagger-ui',
    path: '/docs',
    theme: assets.style.path,
    autoDarkMode: false,
    // getters, because the routes are complete only when somebody asks
    documentation: {
      openapi: '3.1.0',
    } as ElysiaSwaggerConfig['documentation'],
  })
  return ui
}
