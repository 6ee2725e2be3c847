import type { lookup } from 'node:dns'
import { createReach, type Reach } from '../../src/outside/reach.ts'

const REMEDIES = { host: 'Set sources.allowed_hosts.', port: 'Set sources.allowed_ports.' }

export function openReach({
  hosts = [],
  networks = [],
  ports = [80, 443],
  resolve,
}: {
  readonly hosts?: readonly string[]
  readonly networks?: readonly string[]
  readonly ports?: readonly number[] | null
  readonly resolve?: typeof lookup
} = {}): Reach {
  const options = { hosts, networks, ports, remedies: REMEDIES }
  return createReach(resolve === undefined ? options : { ...options, resolve })
}
