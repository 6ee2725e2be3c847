import { isIP } from 'node:net'
import { plainHost, type Allowances } from './allowances.ts'
import { contains, listOf, METADATA_IPV4, METADATA_IPV6, type Networks } from './inside-networks.ts'

export interface WideAllowance {
  /** As the configuration has it. */
  readonly entry: string
  readonly holds: 'everything' | 'machine' | 'secrets'
}

/** Of which 127.0.0.1 and ::1 are one each; 0.0.0.0 is another name for them. */
const MACHINE_IPV4 = [
  ['127.0.0.0', 8],
  ['0.0.0.0', 8],
] as const
const MACHINE_IPV6 = [
  ['::1', 128],
  ['::', 128],
] as const

/** The widest of the networks that are for private use: 10.0.0.0/8 and fc00::/7. */
const WIDEST = { 4: 8, 6: 7 } as const

/** What is opened more widely than anybody is likely to mean: each entry once, for the worst that it holds. */
export function wideAllowances({ hosts, networks }: Allowances): readonly WideAllowance[] {
  const found = [
    ...networks.map((entry) => ({ entry, holds: whatNetworkHolds(entry) })),
    ...hosts.map((entry) => ({ entry, holds: whatHostHolds(entry) })),
  ]
  return found.flatMap(({ entry, holds }) => (holds === null ? [] : [{ entry, holds }]))
}

function whatNetworkHolds(entry: string): WideAllowance['holds'] | null {
  const [network = '', prefix = ''] = entry.split('/')
  const own = [[network, Number(prefix)]] as const
  const isIPv4 = isIP(network) === 4
  if (Number(prefix) < WIDEST[isIPv4 ? 4 : 6]) return 'everything'
  const list = isIPv4 ? listOf(own, []) : listOf([], own)
  // Of two networks that meet, one holds where the other begins.
  const meets = (ipv4: Networks, ipv6: Networks): boolean =>
    contains(listOf(ipv4, ipv6), network) || [...ipv4, ...ipv6].some(([at]) => contains(list, at))
  if (meets(METADATA_IPV4, METADATA_IPV6)) return 'secrets'
  return meets(MACHINE_IPV4, MACHINE_IPV6) ? 'machine' : null
}

/** Where a name leads, only the moment tells; it never leads to secrets. */
function whatHostHolds(entry: string): WideAllowance['holds'] | null {
  const url = URL.parse(`http://${entry.replace(/^\*\./, '')}`)
  const host = url === null ? '' : plainHost(url)
  if (host === 'localhost' || host.endsWith('.localhost')) return 'machine'
  return isIP(host) === 0 ? null : whatNetworkHolds(`${host}/${isIP(host) === 4 ? 32 : 128}`)
}
