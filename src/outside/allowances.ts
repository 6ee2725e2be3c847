import { isIP, type BlockList } from 'node:net'
import { contains, listOf } from './inside-networks.ts'

/** What whoever runs the server has opened. */
export interface Allowances {
  /** `wiki.example`, `*.example`, `10.0.0.7`, `[fd00::7]`, each with a port or without. */
  readonly hosts: readonly string[]
  /** `10.1.0.0/16`, `fd00:7::/32`. */
  readonly networks: readonly string[]
}

export interface Allowed {
  host(hostname: string): boolean
  /** A port that was named together with this host. */
  port(hostname: string, port: number): boolean
  network(address: string): boolean
}

/** Throws a TypeError with the entry that cannot be read. */
export function readAllowances({ hosts, networks }: Allowances): Allowed {
  const named = hosts.map(readHost)
  const list = readNetworks(networks)
  return {
    host: (hostname) => named.some((entry) => matches(entry, hostname)),
    port: (hostname, port) =>
      named.some((entry) => entry.port === port && matches(entry, hostname)),
    network: (address) => contains(list, address),
  }
}

interface NamedHost {
  /** As a URL has it; begins with a dot where it is an ending. */
  readonly name: string
  readonly port: number | null
}

function matches({ name }: NamedHost, hostname: string): boolean {
  return name.startsWith('.') ? hostname.endsWith(name) : hostname === name
}

function readHost(entry: string): NamedHost {
  const found = /^(?<any>\*\.)?(?<name>\[[^\]]+\]|[^:*/@?#\s]+)(?::(?<port>\d{1,5}))?$/.exec(entry)
  const { any, name, port } = found?.groups ?? {}
  const address = URL.parse(`http://${name ?? ''}`)
  if (name === undefined || address === null) {
    throw new TypeError(`${entry} is neither a host's name nor an address.`)
  }
  return {
    name: `${any === undefined ? '' : '.'}${plainHost(address)}`,
    port: port === undefined ? null : Number(port),
  }
}

function readNetworks(networks: readonly string[]): BlockList {
  const read = networks.map((entry) => {
    const [network = '', prefix = '', ...more] = entry.split('/')
    const family = isIP(network)
    const most = family === 4 ? 32 : 128
    if (family === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > most || more.length > 0) {
      throw new TypeError(`${entry} is no network like 10.1.0.0/16.`)
    }
    return [network, Number(prefix), family] as const
  })
  const of = (wanted: number) =>
    read.filter(([, , family]) => family === wanted).map(([at, prefix]) => [at, prefix] as const)
  return listOf(of(4), of(6))
}

/** Without the brackets of IPv6 and without the dot that a full name may end in. */
export function plainHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}
