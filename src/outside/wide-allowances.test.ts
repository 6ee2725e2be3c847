import { expect, test } from 'vitest'
import { wideAllowances } from './wide-allowances.ts'

const holds = (of: { readonly hosts?: readonly string[]; readonly networks?: readonly string[] }) =>
  wideAllowances({ hosts: [], networks: [], ...of }).map((each) => each.holds)

test.each([
  ['0.0.0.0/0', 'everything'],
  ['::/0', 'everything'],
  ['128.0.0.0/1', 'everything'],
  ['127.0.0.0/8', 'machine'],
  ['127.0.0.53/32', 'machine'],
  ['0.0.0.0/32', 'machine'],
  ['::1/128', 'machine'],
  ['::ffff:127.0.0.1/128', 'machine'],
  ['169.254.0.0/16', 'secrets'],
  ['169.254.169.254/32', 'secrets'],
  ['100.64.0.0/10', 'secrets'],
  ['168.63.129.0/24', 'secrets'],
  ['fe80::/10', 'secrets'],
  ['fd00::/8', 'secrets'],
])('the network %s holds %s', (network, what) => {
  expect(holds({ networks: [network] })).toEqual([what])
})

test.each([
  ['localhost:8080', 'machine'],
  ['*.localhost', 'machine'],
  ['127.0.0.1', 'machine'],
  ['[::1]:9000', 'machine'],
  ['169.254.169.254', 'secrets'],
])('the host %s holds %s', (host, what) => {
  expect(holds({ hosts: [host] })).toEqual([what])
})

test('private networks and names are what allowances are for', () => {
  const networks = ['10.0.0.0/8', '10.20.0.0/16', '172.16.0.0/12', '192.168.1.0/24', 'fd12:7::/32']
  const hosts = ['wiki.corp.example:8443', '*.docs.corp.example', '10.0.0.7', '[fd12:7::1]:9000']
  expect(holds({ networks, hosts })).toEqual([])
})
