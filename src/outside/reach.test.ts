import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFakeResolver } from '../../test/outside/fake-resolver.ts'
import { openReach } from '../../test/outside/open-reach.ts'

const CLOSED = /closed to addresses which users name\. Set sources\.allowed_hosts\.$/
const refusal = (address: string, reach = openReach()) => reach.refusal(new URL(address))

test('an address of the public internet is not refused', () => {
  for (const address of ['https://example.com/a?b#c', 'http://8.8.8.8', 'https://[2606:4700::1]/'])
    expect(refusal(address)).toBeNull()
})

test.each([
  'http://127.0.0.1',
  'http://127.1',
  'http://2130706433',
  'http://0x7f000001',
  'http://0x7f.1',
  'http://0177.0.0.1',
  'http://017700000001',
  'http://127.0.0.1.',
  'http://%31%32%37.0.0.1',
  'http://１２７.0.0.1',
  'http://127。0。0。1',
  'http://localhost',
  'http://LOCALHOST.',
  'http://a.localhost',
  'http://0',
  'http://0.0.0.0',
  'http://[::]',
  'http://[::1]',
  'http://[0:0:0:0:0:0:0:1]',
  'http://[::ffff:127.0.0.1]',
  'http://[::ffff:7f00:1]',
  'http://[::FFFF:A9FE:A9FE]',
  'http://[64:ff9b::7f00:1]',
  'http://[::127.0.0.1]',
  'http://[2002:7f00:1::]',
  'http://[fe80::1]',
  'http://[fd00:ec2::254]',
  'http://169.254.169.254/latest/meta-data',
  'http://2852039166',
  'http://0xa9.0xfe.0xa9.0xfe',
  'http://0251.0376.0251.0376',
  'http://168.63.129.16',
])('%s is refused, and it is said what would open it', (address) => {
  expect(refusal(address)).toMatch(CLOSED)
})

test('no spelling of an address inside gets through', () => {
  const inside = fc.oneof(
    fc.tuple(fc.constant(127), fc.nat(255), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(10), fc.nat(255), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(192), fc.constant(168), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(169), fc.constant(254), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.integer({ min: 224, max: 255 }), fc.nat(255), fc.nat(255), fc.nat(255)),
  )
  const radix = fc.constantFrom(
    (part: number) => String(part),
    (part: number) => `0${part.toString(8)}`,
    (part: number) => `0x${part.toString(16)}`,
    (part: number) => `0X00${part.toString(16).toUpperCase()}`,
  )
  const radixes = fc.tuple(radix, radix, radix, radix)
  const join = fc.constantFrom(1, 2, 3, 4)
  fc.assert(
    fc.property(
      inside,
      fc.tuple(radixes, join),
      fc.constantFrom('', '.'),
      (parts, spelling, dot) => {
        const [a, b, c, d] = parts
        const [spell, pieces] = spelling
        const whole = ((a * 256 + b) * 256 + c) * 256 + d
        const last = whole % 256 ** (5 - pieces)
        const spelled = [...parts.slice(0, pieces - 1), last].map((part, at) => spell[at]?.(part))
        expect(refusal(`http://${spelled.join('.')}${dot}/`)).toMatch(CLOSED)
      },
    ),
    { numRuns: 5_000 },
  )
})

test.each([
  'file:///etc/passwd',
  'ftp://example.com',
  'gopher://example.com',
  'data:,x',
  'javascript:1',
])('%s is not fetched', (address) => {
  expect(refusal(address)).toMatch(/begins with https:\/\/ or http:\/\//)
})

test.each([
  'http://user@example.com',
  'http://:secret@example.com',
  'http://example.com@127.0.0.1',
])('%s holds a user name and is refused', (address) => {
  expect(refusal(address)).toMatch(/user name/)
})

test('a port that is not configured is refused, and it is said what would open it', () => {
  expect(refusal('http://example.com:22')).toMatch(/^Port 22 .*sources\.allowed_ports\.$/)
  expect(refusal('http://example.com:22', openReach({ ports: [22] }))).toBeNull()
})

test('an allowed host is allowed under its name, with the port that is named with it', () => {
  const reach = openReach({ hosts: ['wiki.corp:8090', '*.docs.corp', '10.0.0.7', '[fd00::7]:81'] })

  expect(refusal('http://wiki.corp:8090', reach)).toBeNull()
  expect(refusal('http://wiki.corp:8091', reach)).toMatch(/^Port 8091/)
  expect(refusal('http://other.corp:8090', reach)).toMatch(/^Port 8090/)
  expect(refusal('http://10.0.0.7', reach)).toBeNull()
  expect(refusal('http://10.0.0.8', reach)).toMatch(CLOSED)
  expect(refusal('http://[fd00::7]:81', reach)).toBeNull()
  expect(reach.permits('wiki.corp', '10.1.1.1')).toBe(true)
  expect(reach.permits('a.docs.corp', '10.1.1.1')).toBe(true)
  expect(reach.permits('adocs.corp', '10.1.1.1')).toBe(false)
  expect(reach.permits('wiki.corp.evil.example', '10.1.1.1')).toBe(false)
})

test('an allowed name does not lead to where machines are told secrets', () => {
  const reach = openReach({ hosts: ['wiki.corp'] })
  const secrets = ['169.254.169.254', '::ffff:169.254.169.254', 'fd00:ec2::254', '100.100.100.200']

  expect(secrets.filter((address) => reach.permits('wiki.corp', address))).toEqual([])
})

test('an allowed network is allowed under every name', () => {
  const reach = openReach({ networks: ['10.1.0.0/16', 'fd00:7::/32'] })

  expect(reach.permits('any.example', '10.1.2.3')).toBe(true)
  expect(reach.permits('any.example', '::ffff:10.1.2.3')).toBe(true)
  expect(reach.permits('any.example', 'fd00:7::1')).toBe(true)
  expect(reach.permits('any.example', '10.2.0.1')).toBe(false)
})

test.each(['', 'http://wiki.corp', 'wiki.corp/path', 'a b', 'user@wiki.corp', '*'])(
  'the allowed host "%s" cannot be read',
  (host) => {
    expect(() => openReach({ hosts: [host] })).toThrow(/neither a host's name nor an address/)
  },
)

test.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/129', 'corp/8', '10.0.0.0/8/8', '10.0.0.0/-1'])(
  'the allowed network "%s" cannot be read',
  (network) => {
    expect(() => openReach({ networks: [network] })).toThrow(/is no network/)
  },
)

async function addressesOf(host: string, reach: ReturnType<typeof openReach>): Promise<unknown> {
  return new Promise((resolve) => {
    reach.lookup(host, { all: true }, (error, found) => resolve(error ?? found))
  })
}

test('of the addresses of a name only those outside are given', async () => {
  const { resolve } = createFakeResolver({ 'mixed.example': [['10.0.0.1', '8.8.8.8', '::1']] })

  expect(await addressesOf('mixed.example', openReach({ resolve }))).toEqual([
    { address: '8.8.8.8', family: 4 },
  ])
})

test('a name that leads inside is refused, and the address is not told', async () => {
  const { resolve } = createFakeResolver({ 'inside.example': ['10.0.0.1'] })
  const refused = await addressesOf('inside.example', openReach({ resolve }))

  expect(refused).toMatchObject({ code: 'input_rejected', message: expect.stringMatching(CLOSED) })
  expect(String(refused)).not.toContain('10.0.0.1')
})
