import type { FastifyRequest } from 'fastify'

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost']

/**
 * Where the OpenID provider sends people back to; null where nobody knows. A host that only the request names is believed
 * at home alone, and what its headers say may be no address at all.
 */
export function redirectUriOf(
  { host, hostname, protocol }: Pick<FastifyRequest, 'host' | 'hostname' | 'protocol'>,
  publicUrl: string | null,
): string | null {
  if (publicUrl === null && !LOOPBACK.includes(hostname)) return null
  const base = publicUrl ?? `${protocol}://${host}`
  const uri = `${base.replace(/\/+$/, '')}/auth/oidc/callback`
  return /^https?:/.test(uri) && URL.canParse(uri) ? uri : null
}
