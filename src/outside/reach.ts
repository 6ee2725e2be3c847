import { lookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { networkInterfaces } from 'node:os'
import { AppError } from '../core/errors.ts'
import { plainHost, readAllowances, type Allowances } from './allowances.ts'
import { contains, isMetadata, isOutside, listOf } from './inside-networks.ts'

/** Which addresses the server calls when somebody else has named them. */
export interface Reach {
  /** Why not, in sentences for who named it; null where it may be called as far as can be told without resolving it. */
  refusal(url: URL): string | null
  /** Whether what is called by this name or address may be at this address. */
  permits(host: string, address: string): boolean
  /** For `connect`: resolves to what is permitted and to nothing else, so that what was looked at is what is called. */
  readonly lookup: LookupFunction
}

export interface ReachOptions extends Allowances {
  /** Null is any. */
  readonly ports: readonly number[] | null
  /** What whoever runs the server would set to open a host, and to open a port. */
  readonly remedies: { readonly host: string; readonly port: string }
  readonly resolve?: typeof lookup
}

export function createReach(options: ReachOptions): Reach {
  const allowed = readAllowances(options)
  const { ports, remedies, resolve = lookup } = options

  const permits = (host: string, address: string): boolean => {
    if (allowed.network(address)) return true
    if (isIP(host) === 0 && isMetadata(address)) return false
    return (isOutside(address) && !isOwn(address)) || allowed.host(host)
  }
  const closed = (host: string) =>
    `The host ${host} is in a network that is closed to addresses which users name. ${remedies.host}`

  return {
    permits,

    refusal(url) {
      const malformed = formRefusal(url)
      if (malformed !== null) return malformed
      const host = plainHost(url)
      const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
      if (ports?.includes(port) === false && !allowed.port(host, port)) {
        return `Port ${port} is closed to addresses which users name. ${remedies.port}`
      }
      const address = host === 'localhost' || host.endsWith('.localhost') ? '127.0.0.1' : host
      return isIP(address) !== 0 && !permits(host, address) ? closed(host) : null
    },

    lookup: (host, wanted, answer) =>
      resolve(host, { ...wanted, all: true }, (error, found) => {
        const name = host.toLowerCase().replace(/\.$/, '')
        const good = error === null ? found.filter(({ address }) => permits(name, address)) : []
        const [first] = good
        if (first === undefined) {
          answer(error ?? new AppError('input_rejected', closed(host)), '', 4)
        } else if (wanted.all === true) {
          answer(null, good as unknown as string & LookupAddress[], first.family)
        } else answer(null, first.address, first.family)
      }),
  }
}

function formRefusal({ protocol, username, password }: URL): string | null {
  if (protocol !== 'http:' && protocol !== 'https:') {
    return `Nothing is fetched by ${protocol} An address begins with https:// or http://.`
  }
  return username === '' && password === ''
    ? null
    : 'An address may hold no user name and no password: they belong into the credentials.'
}

/** What only this machine can reach may listen at its public address too. */
function isOwn(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const of = (family: string, bits: number) =>
    own.filter((at) => at.family === family).map((at) => [at.address, bits] as const)
  return contains(listOf(of('IPv4', 32), of('IPv6', 128)), address)
}
