import { readFile } from 'node:fs/promises'
import { Type } from 'typebox'
import { notFound } from '../../not-found.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { PAGE, START } from './reference-page.ts'

const ASSETS: Readonly<Record<string, string>> = {
  'favicon-32x32.png': 'image/png',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
}
/** Nothing from anywhere else, whatever the page's code would like. Its author writes styles into elements. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
const A_DAY = 'public, max-age=86400'

/** The API in a browser, from this server alone. */
export function referenceRoutes(app: Routes, _deps: RouteDeps): void {
  const config = { scope: 'public' as const }

  app.get('/docs', { schema: { hide: true }, config }, async (_request, reply) =>
    reply
      .header('content-security-policy', POLICY)
      .header('referrer-policy', 'no-referrer')
      .type('text/html; charset=utf-8')
      .send(PAGE),
  )

  app.get('/docs/start.js', { schema: { hide: true }, config }, async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(START),
  )

  app.get(
    '/docs/:asset',
    { schema: { hide: true, params: Type.Object({ asset: Type.String() }) }, config },
    async ({ params }, reply) => {
      const type = Object.hasOwn(ASSETS, params.asset) ? ASSETS[params.asset] : undefined
      if (type === undefined) throw notFound('asset', params.asset)
      const file = new URL(import.meta.resolve(`swagger-ui-dist/${params.asset}`))
      return reply
        .header('cache-control', A_DAY)
        .type(type)
        .send(await readFile(file))
    },
  )
}
