import type { Presented } from './presented.ts'

/** With the prefix, a browser takes it from this host over TLS alone, so that no neighbour can put its own in place. */
export const SESSION_COOKIES = ['__Host-ragstone_session', 'ragstone_session'] as const
export const DEVICE_COOKIES = ['__Host-ragstone_device', 'ragstone_device'] as const
export const OPENID_COOKIES = ['__Host-ragstone_openid', 'ragstone_openid'] as const

type CookieNames = readonly [secure: string, plain: string]

/** The value of the first cookie with that name, the secure one before the other. */
export function readCookie(
  { cookie }: Presented['headers'],
  names: CookieNames,
): string | undefined {
  const pairs = String(cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
  for (const name of names) {
    const found = pairs.find((pair) => pair.startsWith(`${name}=`))
    if (found !== undefined) return found.slice(name.length + 1)
  }
  return undefined
}
