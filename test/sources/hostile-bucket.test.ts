import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listAll, openS3Source } from './s3-place.ts'

const item = (key: string, size = 6) =>
  `<Contents><Key>${key}</Key><Size>${size}</Size><ETag>"1"</ETag><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>`
const page = (inner: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</ListBucketResult>`
const isList = (url = '') => url.includes('list-type=2')

/** A server of one's own that says what it likes. */
async function openHostile(listener: RequestListener, settings: object = {}) {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return openS3Source({ bucket: 'papers', endpoint, ...settings })
}
const saying = (...pages: readonly string[]): RequestListener => {
  let asked = 0
  return (_request, response) => response.end(page(pages[asked++] ?? pages.at(-1) ?? ''))
}
const keysOf = async (source: Awaited<ReturnType<typeof openHostile>>) =>
  (await listAll(source)).map(({ key }) => key)

describe('a listing of a hostile bucket', () => {
  test('that says there is more, and not where, throws', async () => {
    const source = await openHostile(saying(`<IsTruncated>true</IsTruncated>${item('a.md')}`))

    await expect(listAll(source)).rejects.toThrow(/\.$/)
  })

  test('that leads in a circle throws', async () => {
    const circle = `<IsTruncated>true</IsTruncated><NextContinuationToken>1</NextContinuationToken>`
    const source = await openHostile(saying(circle + item('a.md')))

    await expect(listAll(source)).rejects.toThrow(/\.$/)
  })

  test('whose second page fails throws', async () => {
    const first = `<IsTruncated>true</IsTruncated><NextContinuationToken>1</NextContinuationToken>${item('a.md')}`
    const source = await openHostile((request, response) => {
      if (!request.url?.includes('continuation-token')) return response.end(page(first))
      response.statusCode = 403
      return response.end('<Error><Code>AccessDenied</Code></Error>')
    })

    await expect(listAll(source)).rejects.toThrow('AccessDenied')
  })

  test('that breaks off throws', async () => {
    const source = await openHostile((_request, response) => {
      response.writeHead(200, { 'content-length': 10_000 })
      response.write(page(item('a.md')).slice(0, 100))
      setTimeout(() => response.destroy(), 10)
    })

    await expect(listAll(source)).rejects.toMatchObject({ code: 'provider_unavailable' })
  })

  test('whose page is asked for again goes on', async () => {
    let asked = 0
    const source = await openHostile((_request, response) => {
      response.statusCode = (asked += 1) === 1 ? 503 : 200
      response.end(asked === 1 ? '<Error><Code>SlowDown</Code></Error>' : page(item('a.md')))
    })

    expect(await keysOf(source)).toEqual(['a.md'])
  })

  test('with encoded keys has them decoded', async () => {
    const encoded = `<EncodingType>url</EncodingType>${item('a+b%2Bc%01%C3%A4.md')}`

    expect(await keysOf(await openHostile(saying(encoded)))).toEqual(['a b+c\u0001ä.md'])
  })

  test('repeats nothing of what the server says in its refusal', async () => {
    const source = await openHostile((_request, response) => {
      response.statusCode = 403
      response.end(
        '<Error><Code>Ask at http://evil.example</Code><Message>secret</Message></Error>',
      )
    })
    const error = await listAll(source).catch((thrown: unknown) => thrown)

    expect(String(error)).not.toMatch(/evil|secret/)
  })
})

test('an object that is larger than was listed is not read to its end', async () => {
  const source = await openHostile((request, response) => {
    if (isList(request.url)) return response.end(page(item('a.md')))
    response.setHeader('etag', '"1"')
    const more = () => {
      while (response.write(Buffer.alloc(65_536)));
      response.once('drain', more)
    }
    return more()
  })
  const [found] = await listAll(source)
  const content = found?.type === 'document' ? await found.read() : null

  await expect(
    Array.fromAsync(content?.type === 'content' ? content.content : []),
  ).rejects.toMatchObject({ code: 'file_too_large' })
})

test('an object that is archived is of no use, and says so', async () => {
  const source = await openHostile((request, response) => {
    if (isList(request.url)) return response.end(page(item('a.md')))
    response.statusCode = 403
    return response.end('<Error><Code>InvalidObjectState</Code></Error>')
  })
  const [found] = await listAll(source)

  await expect(found?.type === 'document' && found.read()).rejects.toMatchObject({
    code: 'file_type_unsupported',
    message: expect.stringContaining('archived'),
  })
})

test('an object that has gone since it was listed is gone', async () => {
  const source = await openHostile((request, response) => {
    if (isList(request.url)) return response.end(page(item('a.md')))
    response.statusCode = 404
    return response.end('<Error><Code>NoSuchKey</Code></Error>')
  })
  const [found] = await listAll(source)

  expect(found?.type === 'document' && (await found.read())).toEqual({ type: 'gone' })
})

test('an address that redirects is not followed', async () => {
  const asked: string[] = []
  const source = await openHostile((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(307, { location: `http://${request.headers.host}/elsewhere` })
    response.end()
  })

  await expect(listAll(source)).rejects.toMatchObject({ code: 'provider_rejected' })
  expect(asked.filter((url) => url.includes('elsewhere'))).toEqual([])
})
