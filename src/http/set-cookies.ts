import type { FastifyReply, FastifyRequest } from 'fastify'
import { DEVICE_COOKIES, SESSION_COOKIES } from '../auth/session-cookie.ts'
import type { OpenedSession } from '../auth/session-keeper.ts'

const DEVICE_SECONDS = 400 * 86_400

interface Place {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly publicUrl: string | null
}

interface Cookie {
  readonly names: readonly [secure: string, plain: string]
  readonly value: string
  /** In seconds; 0 takes it away. */
  readonly maxAge: number
}

/** Gives the browser its session, and a name for the device if it has none. */
export function setSessionCookies(place: Place, { session, secret, device }: OpenedSession): void {
  const seconds = Math.floor((session.expiresAt.getTime() - session.createdAt.getTime()) / 1000)
  setCookie(place, { names: SESSION_COOKIES, value: secret, maxAge: seconds })
  if (device !== null)
    setCookie(place, { names: DEVICE_COOKIES, value: device, maxAge: DEVICE_SECONDS })
}

export function clearSessionCookie(place: Place): void {
  setCookie(place, { names: SESSION_COOKIES, value: '', maxAge: 0 })
}

/** For no script, no other site's requests, and over TLS alone where people come by TLS. */
export function setCookie(
  { request, reply, publicUrl }: Place,
  { names, value, maxAge }: Cookie,
): void {
  const secure = publicUrl === null ? request.protocol === 'https' : publicUrl.startsWith('https:')
  void reply.setCookie(names[secure ? 0 : 1], value, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure,
    maxAge,
  })
  void reply.header('cache-control', 'no-store')
}
