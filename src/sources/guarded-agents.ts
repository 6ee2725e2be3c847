import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { LookupFunction } from 'node:net'

export interface Agents {
  readonly httpAgent: HttpAgent
  readonly httpsAgent: HttpsAgent
}

/** Names resolve to what may be connected to. Addresses in place of names never pass here: refuse those before. */
export function createGuardedAgents(lookup: LookupFunction): Agents {
  const options = { lookup, keepAlive: true, maxSockets: 50 }
  return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) }
}
