import icon from 'swagger-ui-dist/favicon-32x32.png' with { type: 'file' }
import bundle from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'file' }
import style from 'swagger-ui-dist/swagger-ui.css' with { type: 'file' }
import boot from './boot.js' with { type: 'file' }
import ownStyle from './style.css' with { type: 'file' }

const prefix = '/docs/assets'

/** The only files that the page may load; nothing of a request becomes part of a file name. */
export const assets = {
  bundle: { path: `${prefix}/swagger-ui-bundle.js`, file: bundle, type: 'text/javascript' },
  boot: { path: `${prefix}/boot.js`, file: boot, type: 'text/javascript' },
  style: { path: `${prefix}/swagger-ui.css`, file: style, type: 'text/css' },
  ownStyle: { path: `${prefix}/docs.css`, file: ownStyle, type: 'text/css' },
  icon: { path: `${prefix}/favicon.png`, file: icon, type: 'image/png' },
} as const

type Asset = (typeof assets)[keyof typeof assets]

const tags = new Map<string, string>()

const tagOf = async ({ file }: Asset): Promise<string> => {
  const known = tags.get(file) ?? `"${Bun.hash(await Bun.file(file).bytes()).toString(36)}"`
  tags.set(file, known)
  return known
}

/** The file, or 304 where the browser has it. Browsers ask each time, so that an upgrade shows at once. */
export const serveAsset = async (asset: Asset, request: Request): Promise<Response> => {
  const etag = await tagOf(asset)
  const headers = { etag, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' }
  if (request.headers.get('if-none-match')?.includes(etag))
    return new Response(null, { status: 304, headers })
  return new Response(Bun.file(asset.file), {
    headers: {
      ...headers,
      'content-type': asset.type === 'image/png' ? asset.type : `${asset.type}; charset=utf-8`,
    },
  })
}
