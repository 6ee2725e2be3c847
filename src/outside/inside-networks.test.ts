import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { expect, test } from 'vitest'
import { contains, isOutside, listOf } from './inside-networks.ts'

const octet = fc.integer({ min: 0, max: 255 })
const ipv4 = fc.tuple(octet, octet, octet, octet)
const group = fc.integer({ min: 0, max: 0xffff })
const ipv6 = fc.array(group, { minLength: 8, maxLength: 8 })
const dotted = (parts: readonly number[]) => parts.join('.')
const colons = (groups: readonly number[]) => groups.map((part) => part.toString(16)).join(':')

/** What another list calls public; what only carries an IPv4 address is as public as that. */
function isPublic(address: string): boolean {
  const parsed = ipaddr.parse(address)
  if (parsed instanceof ipaddr.IPv6) {
    const carries = ['ipv4Mapped', 'rfc6052'].includes(parsed.range())
    if (carries) return isPublic(dotted(parsed.toByteArray().slice(12)))
  }
  return parsed.range() === 'unicast'
}

test('nothing that another list keeps inside is outside: IPv4', () => {
  fc.assert(
    fc.property(ipv4, (parts) => {
      if (isOutside(dotted(parts))) expect(isPublic(dotted(parts))).toBe(true)
    }),
    { numRuns: 5_000 },
  )
})

test('nothing that another list keeps inside is outside: IPv6', () => {
  const likely = fc.constantFrom(
    0,
    0x64,
    0xff9b,
    0x2001,
    0x2002,
    0xdb8,
    0xfc00,
    0xfe80,
    0xff02,
    0xffff,
  )
  const near = fc.tuple(fc.array(likely, { minLength: 1, maxLength: 6 }), ipv6)
  fc.assert(
    fc.property(near, ([first, rest]) => {
      const address = colons([...first, ...rest].slice(0, 8))
      if (isOutside(address)) expect(isPublic(address)).toBe(true)
    }),
    { numRuns: 5_000 },
  )
})

test('an IPv4 address is as far inside in IPv6 as it is by itself', () => {
  fc.assert(
    fc.property(ipv4, (parts) => {
      const [a, b, c, d] = parts
      const tail = colons([a * 256 + b, c * 256 + d])
      for (const carrier of ['::ffff:', '0:0:0:0:0:FFFF:', '64:ff9b::', '0064:FF9B:0:0:0:0:']) {
        expect(isOutside(carrier + tail)).toBe(isOutside(dotted(parts)))
        expect(isOutside(carrier + dotted(parts))).toBe(isOutside(dotted(parts)))
      }
    }),
    { numRuns: 1_000 },
  )
})

test('forms of IPv6 that tunnel to IPv4 are inside, wherever they lead', () => {
  fc.assert(
    fc.property(ipv4, (parts) => {
      const [a, b, c, d] = parts
      const tail = colons([a * 256 + b, c * 256 + d])
      for (const form of [
        `2002:${tail}::1`,
        `2001:0:${tail}::1`,
        `64:ff9b:1::${tail}`,
        `::${tail}`,
      ])
        expect(isOutside(form)).toBe(false)
    }),
    { numRuns: 1_000 },
  )
})

test.each([
  '0.0.0.0',
  '10.255.255.255',
  '100.64.0.1',
  '127.0.0.1',
  '169.254.169.254',
  '172.31.255.255',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:0:127.0.0.1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '100::1',
  '2001:db8::1',
  '3fff::1',
  '5f00::1',
  '4000::1',
  '',
  'localhost',
  '1.2.3',
  '01.02.03.04',
])('%s is inside', (address) => {
  expect(isOutside(address)).toBe(false)
})

test.each([
  '8.8.8.8',
  '1.1.1.1',
  '172.32.0.1',
  '223.255.255.255',
  '2606:4700::1111',
  '2a00:1450::1',
])('%s is outside', (address) => {
  expect(isOutside(address)).toBe(true)
})

test('an IPv4 network that somebody lists is found by every spelling of its addresses', () => {
  const list = listOf([['10.1.0.0', 16]], [])

  expect(
    ['10.1.2.3', '::ffff:10.1.2.3', '64:ff9b::a01:203'].every((at) => contains(list, at)),
  ).toBe(true)
  expect(contains(list, '10.2.0.1')).toBe(false)
})
