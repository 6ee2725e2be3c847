import OpenAI, { toFile } from 'openai'
import { expect, test } from 'vitest'
import { FILE_LIMIT } from './create-deps.ts'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const upload = async (text: string, name = 'a.txt') =>
  world().client.files.create({
    file: await toFile(Buffer.from(text), name),
    purpose: 'assistants',
  })
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${world().url}${path}`, {
    headers: { authorization: `Bearer ${world().key}`, ...headers },
  })

test('an uploaded file is given back as it is', async () => {
  const file = await upload('Ä plain text.\n')

  expect(await (await world().client.files.content(file.id)).text()).toBe('Ä plain text.\n')
})

test('a file keeps its name, purpose and size', async () => {
  const { id } = await upload('hello', 'Übersicht – 日本.txt')

  expect(await world().client.files.retrieve(id)).toMatchObject({
    filename: 'Übersicht – 日本.txt',
    purpose: 'assistants',
    bytes: 5,
    object: 'file',
  })
})

test('a file expires when it was told to', async () => {
  const file = await world().client.files.create({
    file: await toFile(Buffer.from('x'), 'a.txt'),
    purpose: 'user_data',
    expires_after: { anchor: 'created_at', seconds: 3_600 },
  })

  expect((file.expires_at ?? 0) - file.created_at).toBeOneOf([3_600, 3_599, 3_601])
})

test('an expired file is not there', async () => {
  const { deps, tenantId, client } = world()
  const { id } = await deps.submission.upload(tenantId, {
    filename: 'old.txt',
    purpose: 'assistants',
    content: Buffer.from('old'),
    expiresAt: new Date(Date.now() - 1),
  })

  await expect(client.files.retrieve(id)).rejects.toThrow(OpenAI.NotFoundError)
})

test('files are listed page by page, each once', async () => {
  const client = world().clientFor(await world().newTenantKey())
  const made: string[] = []
  for (const text of ['1', '2', '3', '4', '5']) {
    const file = await toFile(Buffer.from(text), 'a.txt')
    made.push((await client.files.create({ file, purpose: 'assistants' })).id)
  }
  const listed: string[] = []
  for await (const { id } of client.files.list({ limit: 2, order: 'asc' })) listed.push(id)

  expect(listed).toEqual(made)
})

test('files are listed by purpose', async () => {
  const client = world().clientFor(await world().newTenantKey())
  for (const purpose of ['assistants', 'user_data'] as const) {
    await client.files.create({ file: await toFile(Buffer.from('x'), 'a.txt'), purpose })
  }

  expect((await client.files.list({ purpose: 'user_data' })).data).toMatchObject([
    { purpose: 'user_data' },
  ])
})

test('a deleted file is gone', async () => {
  const { id } = await upload('bye')

  expect(await world().client.files.delete(id)).toEqual({ id, object: 'file', deleted: true })
  await expect(world().client.files.retrieve(id)).rejects.toThrow(OpenAI.NotFoundError)
})

test("a tenant sees nothing of another's files", async () => {
  const { id } = await upload('secret')
  const stranger = world().clientFor(await world().newTenantKey())

  expect((await stranger.files.list()).data).toEqual([])
  await expect(stranger.files.retrieve(id)).rejects.toThrow(OpenAI.NotFoundError)
  await expect(stranger.files.content(id)).rejects.toThrow(OpenAI.NotFoundError)
  await expect(stranger.files.delete(id)).rejects.toThrow(OpenAI.NotFoundError)
})

test('content that the caller has is not sent again', async () => {
  const { id } = await upload('cached')
  const etag = (await get(`/v1/files/${id}/content`)).headers.get('etag') ?? ''
  const again = await get(`/v1/files/${id}/content`, { 'if-none-match': `W/"x", ${etag}` })

  expect([again.status, await again.text()]).toEqual([304, ''])
})

test('a range is sent as such', async () => {
  const { id } = await upload('0123456789')
  const part = await get(`/v1/files/${id}/content`, { range: 'bytes=2-4' })

  expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
    206,
    '234',
    'bytes 2-4/10',
  ])
})

test('a range of a file that has changed since is the whole file', async () => {
  const { id } = await upload('0123456789')
  const headers = { range: 'bytes=2-4', 'if-range': '"of another time"' }

  expect((await get(`/v1/files/${id}/content`, headers)).status).toBe(200)
})

test('a range behind the end is refused, saying how long the file is', async () => {
  const { id } = await upload('0123456789')
  const refused = await get(`/v1/files/${id}/content`, { range: 'bytes=10-' })

  expect([refused.status, refused.headers.get('content-range')]).toEqual([416, 'bytes */10'])
})

test('a name cannot break out of its header', async () => {
  const { id } = await upload('x', 'a;b=ü.html')
  const { headers } = await get(`/v1/files/${id}/content`)

  expect(headers.get('content-disposition')).toBe(
    `attachment; filename="a_b__.html"; filename*=UTF-8''a%3Bb%3D%C3%BC.html`,
  )
})

test('an empty file is refused', async () => {
  await expect(upload('')).rejects.toMatchObject({ status: 400, code: 'file_empty', param: 'file' })
})

test('a file of exactly the limit is taken, one byte more is not', async () => {
  expect((await upload('x'.repeat(FILE_LIMIT))).bytes).toBe(FILE_LIMIT)
  await expect(upload('x'.repeat(FILE_LIMIT + 1))).rejects.toMatchObject({
    status: 413,
    code: 'file_too_large',
  })
})

async function post(form: FormData | string, type?: string) {
  const response = await fetch(`${world().url}/v1/files`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world().key}`,
      ...(type === undefined ? {} : { 'content-type': type }),
    },
    body: form,
  })
  const { error } = (await response.json()) as { error: { code: string; param: string | null } }
  return { status: response.status, code: error?.code, param: error?.param }
}

function formOf(fields: Readonly<Record<string, string | Blob>>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return form
}

test.each([
  ['file', { purpose: 'assistants' }, 'missing_required_parameter'],
  ['purpose', { file: new Blob(['x']) }, 'missing_required_parameter'],
  ['purpose', { file: new Blob(['x']), purpose: 'fun' }, 'invalid_value'],
  ['colour', { file: new Blob(['x']), purpose: 'vision', colour: 'red' }, 'unknown_parameter'],
  [
    'expires_after.seconds',
    {
      file: new Blob(['x']),
      purpose: 'vision',
      'expires_after[anchor]': 'created_at',
      'expires_after[seconds]': '1',
    },
    'invalid_value',
  ],
])('a form at fault is refused by its %s', async (param, fields, code) => {
  expect(await post(formOf(fields as Record<string, string | Blob>))).toEqual({
    status: 400,
    code,
    param,
  })
})

test('two files in one form are refused', async () => {
  const form = formOf({ purpose: 'assistants' })
  form.append('file', new Blob(['a']), 'a.txt')
  form.append('file', new Blob(['b']), 'b.txt')

  expect(await post(form)).toMatchObject({ status: 400, param: 'file' })
})

test('a form that is cut off is refused', async () => {
  const cut = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhel'

  expect((await post(cut, 'multipart/form-data; boundary=b')).status).toBe(400)
})

test('a form without a boundary is refused', async () => {
  expect((await post('x', 'multipart/form-data')).status).toBe(400)
})

test('JSON is no upload', async () => {
  expect((await post('{}', 'application/json')).status).toBe(415)
})
