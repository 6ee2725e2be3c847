import { BlockList, isIP } from 'node:net'

/** Of IPv4: what the registries of IANA call not globally reachable, and services of clouds under public addresses. */
const CLOSED_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  // The agent of Azure's virtual machines.
  ['168.63.129.16', 32],
] as const

/** IPv6 has one part that is global; everything outside of it is closed, and these parts of it. */
const GLOBAL_IPV6 = ['2000::', 3] as const
const CLOSED_IPV6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
] as const

/** Where an IPv4 address stands at the end of an IPv6 address that leads to it: mapped, and NAT64 of the known prefix. */
const CARRIERS = ['::ffff:', '64:ff9b::'] as const

/** Where machines ask who they are and are told secrets: never meant by somebody who opens a host by its name. */
export const METADATA_IPV4 = [
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['168.63.129.16', 32],
] as const
export const METADATA_IPV6 = [
  ['fe80::', 10],
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
] as const

export type Networks = readonly (readonly [string, number])[]

const CLOSED = listOf(CLOSED_IPV4, CLOSED_IPV6)
const METADATA = listOf(METADATA_IPV4, METADATA_IPV6)
const GLOBAL = listOf([['0.0.0.0', 0]], [GLOBAL_IPV6])

/** Whether an address is one of the public internet; false for what is no address at all. */
export function isOutside(address: string): boolean {
  return contains(GLOBAL, address) && !contains(CLOSED, address)
}

export function isMetadata(address: string): boolean {
  return contains(METADATA, address)
}

/** Takes any spelling; an address with a zone (`fe80::1%eth0`) is in no list. */
export function contains(list: BlockList, address: string): boolean {
  const family = address.includes('%') ? 0 : isIP(address)
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

/** IPv4 networks with every IPv6 spelling that leads into them, and IPv6 networks. */
export function listOf(ipv4: Networks, ipv6: Networks): BlockList {
  const list = new BlockList()
  for (const [network, prefix] of ipv4) {
    list.addSubnet(network, prefix, 'ipv4')
    for (const carrier of CARRIERS) list.addSubnet(carrier + network, 96 + prefix, 'ipv6')
  }
  for (const [network, prefix] of ipv6) list.addSubnet(network, prefix, 'ipv6')
  return list
}
