import { chmod, mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../core/errors.ts'
import { buildApp } from '../http/build-app.ts'
import type { Services } from './compose.ts'

/** Listens on the socket in the data directory, for its owner alone. */
export async function listenLocally(services: Services, path: string): Promise<FastifyInstance> {
  // Who manages the server does so when it is late, too; and one started for a single command has just been late.
  const pressure = { ...services.settings.pressure, maxEventLoopDelayMs: 0 }
  const settings = { ...services.settings, pressure }
  const app = buildApp({ ...services, settings, principal: services.owner })
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  // The data directory is locked by now, so a socket that lies here belongs to nobody.
  await rm(path, { force: true })
  await app.listen({ path })
  await chmod(path, 0o600)
  return app
}

/** Listens for everybody who has a key; gives the address. Throws `conflict` when the port is taken. */
export async function listenPublicly(
  services: Services,
  place: { readonly host: string; readonly port: number },
): Promise<{ readonly app: FastifyInstance; readonly address: string }> {
  const app = buildApp(services)
  try {
    return { app, address: await app.listen(place) }
  } catch (error) {
    await app.close()
    if (!(error instanceof Error) || !('code' in error)) throw error
    if (error.code === 'EADDRINUSE') {
      throw new AppError(
        'conflict',
        `Port ${place.port} is taken. Stop what listens there, or choose another: --port, server.port or RAGSTONE_SERVER_PORT.`,
      )
    }
    if (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL') {
      throw new AppError(
        'conflict',
        `${place.host}:${place.port} cannot be listened on: ${error.code}.`,
      )
    }
    throw error
  }
}
