import { assets } from './assets.ts'

/** Swagger UI puts styles into attributes and pictures into `data:` URLs; everything else is ours and local. */
const policy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  // the player of an answer that is sound
  "media-src 'self' blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const link = (rel: string, path: string): string => `<link rel="${rel}" href="${path}" />`

const script = (path: string): string => `<script src="${path}"></script>`

/** The plugin's page with our own files in place of the scripts that it loads from a CDN. */
export const servePage = async (page: Response): Promise<Response> => {
  const html = new HTMLRewriter()
    .on('script', { element: (element) => void element.remove() })
    .on('head', {
      element: (head) =>
        void head.append(
          link('stylesheet', assets.ownStyle.path) + link('icon', assets.icon.path),
          {
            html: true,
          },
        ),
    })
    .on('body', {
      element: (body) =>
        void body.append(script(assets.bundle.path) + script(assets.boot.path), { html: true }),
    })
    .transform(await page.text())
  return new Response(html, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  })
}
