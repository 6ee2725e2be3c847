import type { FauxqsServer } from 'fauxqs'
import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SourceItem } from '../../src/core/ports/source-kind.ts'
import {
  CREDENTIALS,
  createKind,
  listAll,
  makeS3Place,
  openS3Source,
  startCloud,
} from './s3-place.ts'

let server: FauxqsServer
beforeAll(async () => {
  server = await startCloud()
})
afterAll(() => server.stop())

const keysOf = (items: readonly SourceItem[]) =>
  items.flatMap(({ type, key }) => (type === 'document' ? [key] : [])).toSorted()

async function textOf(items: readonly SourceItem[]): Promise<string> {
  const [item] = items
  const content = item?.type === 'document' ? await item.read() : null
  if (content?.type !== 'content') return ''
  return Buffer.concat(await Array.fromAsync(content.content)).toString()
}

describe('a listing of a bucket', () => {
  test.each(['a b+c%25.md', 'ä/梨 🍐.md', 'quotes\'"<&>.md', 'a//b.md', '~tilde?#.md'])(
    'finds and reads %s',
    async (key) => {
      const place = makeS3Place(server)
      await place.put(key, `It is ${key}.`)

      expect(await textOf(await listAll(openS3Source(place.settings)))).toBe(`It is ${key}.`)
    },
  )

  test('goes on behind its first thousand', async () => {
    const place = makeS3Place(server)
    for (let at = 0; at < 1_050; at += 1) await place.put(`${at}.md`, 'x')

    expect(await listAll(openS3Source(place.settings))).toHaveLength(1_050)
  })

  test('keeps to the prefix and the patterns', async () => {
    const place = makeS3Place(server)
    for (const key of ['docs/a.md', 'docs/a.txt', 'docs/drafts/b.md', 'other/c.md']) {
      await place.put(key, 'x')
    }
    const wanted = { prefix: 'docs/', include: ['**/*.md'], exclude: ['**/drafts/**'] }

    expect(keysOf(await listAll(openS3Source({ ...place.settings, ...wanted })))).toEqual([
      'docs/a.md',
    ])
  })

  test('of keys tells what the patterns leave out as gone', async () => {
    const place = makeS3Place(server)
    await place.put('a.txt', 'x')
    const source = openS3Source({ ...place.settings, include: ['*.md'] })

    expect(await listAll(source, { keys: ['a.txt'] })).toEqual([{ type: 'gone', key: 'a.txt' }])
  })

  test('leaves out what consoles make for folders', async () => {
    const place = makeS3Place(server)
    await place.put('docs/', '')

    expect(await listAll(openS3Source(place.settings))).toEqual([])
  })

  test('skips what is too large, and says why', async () => {
    const place = makeS3Place(server)
    await place.put('a.md', 'x'.repeat(10_001))
    const reason = 'It is larger than 10,000 bytes, the most that the server takes of a file.'

    expect(await listAll(openS3Source(place.settings))).toEqual([
      { type: 'skipped', key: 'a.md', reason },
    ])
  })

  test('has the same version for the same content, named or listed', async () => {
    const place = makeS3Place(server)
    await place.put('a.md', 'x')
    const source = openS3Source(place.settings)
    const [[listed], [named]] = await Promise.all([
      listAll(source),
      listAll(source, { keys: ['a.md'] }),
    ])

    expect(listed).toMatchObject({ version: Object(named).version })
  })

  test('has the version of an object that was uploaded in parts', async () => {
    const place = makeS3Place(server)
    await place.put('a.md', 'x'.repeat(9_000_000))
    const source = openS3Source(place.settings, { maxFileBytes: 10_000_000 })
    const [item] = await listAll(source)
    const content = item?.type === 'document' ? await item.read() : null

    expect(item).toMatchObject({ version: expect.stringMatching(/^[0-9a-f]{32}-2$/) })
    expect(content).toMatchObject({ version: Object(item).version })
  })

  test('of a bucket that has gone throws, also of keys', async () => {
    const { settings } = makeS3Place(server)
    const source = openS3Source({ ...settings, bucket: 'has-gone' })

    await expect(listAll(source)).rejects.toMatchObject({ code: 'provider_rejected' })
    await expect(listAll(source, { keys: ['a.md'] })).rejects.toThrow('NoSuchBucket')
  })

  test('of a server that is away says so', async () => {
    const { settings } = makeS3Place(server)
    const source = openS3Source({ ...settings, endpoint: 'http://127.0.0.1:9' })

    await expect(listAll(source)).rejects.toMatchObject({
      code: 'provider_unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test('does not connect to a name that the guard keeps', async () => {
    const { settings } = makeS3Place(server)
    const keep: LookupFunction = (_host, _options, answer) => answer(new Error('Inside.'), '', 4)
    const reach = { refusal: () => null, lookup: keep }
    const endpoint = settings.endpoint.replace('127.0.0.1', 'localhost')

    await expect(listAll(openS3Source({ ...settings, endpoint }, { reach }))).rejects.toMatchObject(
      {
        code: 'provider_unavailable',
      },
    )
  })

  test('does not connect to an address that is refused by now', async () => {
    const { settings } = makeS3Place(server)
    const reach = { refusal: () => 'It is inside.', lookup }

    await expect(listAll(openS3Source(settings, { reach }))).rejects.toThrow('It is inside.')
  })
})

describe('settings of a bucket', () => {
  const refusal = (settings: object, credentials: typeof CREDENTIALS | null = CREDENTIALS) =>
    createKind().refusal({ bucket: 'papers', ...settings }, credentials)

  test('that are well are taken', () => {
    expect(refusal({ endpoint: 'https://storage.example.com' })).toBeNull()
  })

  test('need credentials', () => {
    expect(refusal({}, null)).toContain('access_key_id')
  })

  test('need none where the machine’s own are lent', () => {
    expect(createKind({ machineCredentials: true }).refusal({ bucket: 'papers' }, null)).toBeNull()
  })

  test.each([
    { endpoint: 'https://user:word@storage.example.com' },
    { endpoint: 'https://storage.example.com/?x' },
    { queue_url: 'https://sqs.eu-central-1.amazonaws.com/' },
    { include: ['{a,b}'.repeat(10)] },
  ])('are refused: %j', (settings) => {
    expect(refusal(settings)).toMatch(/\.$/)
  })

  test('are refused where their address is closed', () => {
    const reach = { refusal: (url: URL) => `${url.host} is closed.`, lookup }
    const settings = { bucket: 'papers', endpoint: 'http://10.0.0.1' }

    expect(createKind({ reach }).refusal(settings, CREDENTIALS)).toBe('10.0.0.1 is closed.')
  })
})
