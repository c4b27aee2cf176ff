import { swagger, type ElysiaSwaggerConfig } from '@elysiajs/swagger'
import { Elysia, type AnyElysia } from 'elysia'
import { assets, serveAsset } from './assets.ts'
import { introduction } from './intro.ts'
import { servePage } from './page.ts'
import { createDocument } from './document.ts'

type Document = ReturnType<typeof createDocument>

const hidden = { detail: { hide: true } }

/** OpenAPI 3.1, which the plugin hands on as it is; its types know 3.0 only. */
const toDocumentation = (document: Document) =>
  document as unknown as NonNullable<ElysiaSwaggerConfig['documentation']>

/**
 * Swagger UI at `/docs`, its document at `/docs/json`. The plugin answers behind routes of our own, which keep it from
 * the routes' hooks (it would print valibot's internals) and its page from the CDN.
 */
export const docs = (app: AnyElysia) => {
  const plugin = swagger({
    provider: 'swagger-ui',
    path: '/docs',
    theme: assets.style.path,
    autoDarkMode: false,
    documentation: toDocumentation(createDocument(app)),
  })
  const ask = (path: string) => plugin.handle(new Request(`http://localhost${path}`))

  const served = new Elysia()
    .get('/docs', async () => servePage(await ask('/docs')), hidden)
    .get(
      '/docs/json',
      async ({ request }) => {
        const document = (await (await ask('/docs/json')).json()) as Document
        const description = introduction(new URL(request.url).origin)
        return Response.json({ ...document, info: { ...document.info, description } })
      },
      hidden,
    )
  for (const asset of Object.values(assets))
    served.get(asset.path, ({ request }) => serveAsset(asset, request), hidden)
  return served
}
