import type { FastifyRequest } from 'fastify'

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost']

/** Where the OpenID provider sends people back to. A host that only the request names is believed at home alone. */
export function redirectUriOf(
  { host, hostname, protocol }: FastifyRequest,
  publicUrl: string | null,
): string | null {
  const base = publicUrl ?? (LOOPBACK.includes(hostname) ? `${protocol}://${host}` : null)
  return base === null ? null : `${base.replace(/\/+$/, '')}/auth/oidc/callback`
}
