import { lookup, type LookupAddress } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import { Agent, fetch as fetchThrough } from 'undici'

/** Where a server's own network is, and where no OpenID provider of somebody else can be. */
const INSIDE = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  INSIDE.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  INSIDE.addSubnet(network, prefix, 'ipv6')
}

export type OutsideFetch = typeof globalThis.fetch

/**
 * A fetch for addresses that a tenant has named: it reaches nothing inside the server's own network, by whatever name,
 * follows nobody elsewhere, and does not wait for long.
 */
export function createPublicFetch({ timeoutMs }: { readonly timeoutMs: number }): OutsideFetch {
  const dispatcher = new Agent({
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    // The address that is connected to is the one that was looked at, so that a name cannot change in between.
    connect: {
      timeout: timeoutMs,
      lookup: (host, options, answer) =>
        lookup(host, { ...options, all: true }, (error, found) => {
          const outside = error === null ? found.filter(({ address }) => isOutside(address)) : []
          const [first] = outside
          if (first === undefined) {
            answer(error ?? new Error(`${host} is inside this network`), '', 4)
          } else if (options.all === true) {
            answer(null, outside as unknown as string & LookupAddress[], first.family)
          } else answer(null, first.address, first.family)
        }),
    },
  })
  return (async (input: string | URL, init?: RequestInit) => {
    const { hostname } = new URL(input)
    const literal = hostname.replace(/^\[|\]$/g, '')
    if (isIP(literal) !== 0 && !isOutside(literal))
      throw new Error(`${hostname} is inside this network`)
    return fetchThrough(input, { ...init, redirect: 'error', dispatcher } as never)
  }) as OutsideFetch
}

function isOutside(address: string): boolean {
  // An IPv4 address that is spelled as IPv6 is compared as the former by the list itself.
  return !INSIDE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
