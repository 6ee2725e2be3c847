import { createConnection } from 'node:net'
import { createClient, type ClientOptions } from './client.ts'
import type { Connection } from './deps.ts'
import { tenantId } from './tenant-api.ts'

export interface ConnectOptions {
  /** A server elsewhere; null looks on this machine. */
  readonly url: string | null
  readonly apiKey: string | null
  /** By id or name; null acts in the caller's own. */
  readonly tenant: string | null
  /** Of the server of this data directory. */
  readonly socketPath: string
  /** Makes something listen on the socket until it is closed; called when nothing does. */
  readonly startLocal: () => Promise<{ close(): Promise<void> }>
}

/** Remote when a URL is given, else the running local server, else one started for the length of the command. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { url, apiKey, tenant, socketPath, startLocal } = options
  if (url !== null) {
    return clientIn(tenant, { origin: url, ...(apiKey === null ? {} : { apiKey }) })
  }
  const started = (await isListening(socketPath)) ? undefined : await startLocal()
  try {
    const client = await clientIn(tenant, { origin: 'http://localhost', socketPath })
    return {
      ...client,
      close: async () => {
        await client.close()
        await started?.close()
      },
    }
  } catch (error) {
    await started?.close()
    throw error
  }
}

/** A tenant's name is looked up once; what is sent is its id. */
async function clientIn(tenant: string | null, options: ClientOptions): Promise<Connection> {
  const client = createClient(options)
  if (tenant === null) return client
  try {
    return createClient({ ...options, tenantId: await tenantId(client, tenant) })
  } finally {
    await client.close()
  }
}

/** A socket file may outlive its server: only an accepted connection counts. */
export function isListening(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(socketPath)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
