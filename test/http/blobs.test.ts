import { createHash } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toFile } from 'openai'
import { expect, test } from 'vitest'
import { useHttpWorld } from './world.ts'

const world = useHttpWorld()
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
const pathOf = (text: string) =>
  join(world().folder, world().tenantId, hashOf(text).slice(0, 2), hashOf(text))
const upload = async (text: string) =>
  world().client.files.create({ file: await toFile(Buffer.from(text)), purpose: 'assistants' })
const content = (id: string, headers: Record<string, string> = {}) =>
  fetch(`${world().url}/v1/files/${id}/content`, {
    headers: { authorization: `Bearer ${world().key}`, ...headers },
  })
const post = async (path: string, body: object) => {
  const key = await world().newKey(['operator'])
  const answer = await fetch(`${world().url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

test.each([{}, { range: 'bytes=1-2' }])(
  'a damaged file is an error and never content: %j',
  async (headers) => {
    const { id } = await upload(`granite ${JSON.stringify(headers)}`)
    await writeFile(pathOf(`granite ${JSON.stringify(headers)}`), 'gravel')
    const answer = await content(id, headers)

    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({ error: { code: 'content_damaged' } })
  },
)

test('a file says how long it is before it is sent, and so does a range', async () => {
  const { id } = await upload('marble')
  const [whole, part] = [await content(id), await content(id, { range: 'bytes=1-3' })]

  expect([whole, part].map(({ headers }) => headers.get('content-length'))).toEqual(['6', '3'])
  expect([await whole.text(), await part.text()]).toEqual(['marble', 'arb'])
})

test('uploads leave nothing behind where they waited', async () => {
  await upload('slate')

  expect(await readdir(join(world().folder, 'spool')).catch(() => [])).toEqual([])
})

test('a check tells an operator what is missing and what nothing refers to', async () => {
  const { deps, tenantId } = world()
  await deps.blobs.put(tenantId, hashOf('basalt'), Buffer.from('basalt'))
  const { body } = await post('/api/blobs/check', { repair: true, verify: true })

  expect(body).toMatchObject({ object: 'blobs.report', missing: 0, orphans: 1, removed: 1 })
  expect(await deps.blobs.get(tenantId, hashOf('basalt'))).toBeNull()
})

test('a check is an operator’s, and nobody else’s', async () => {
  const answer = await fetch(`${world().url}/api/blobs/check`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world().key}`, 'content-type': 'application/json' },
    body: '{}',
  })

  expect(answer.status).toBe(403)
})

test('a check is in the audit log, with what it removed', async () => {
  const { deps, tenantId } = world()
  await post('/api/blobs/check', { repair: true })
  await deps.audit.notes.flush()
  const rows = await deps.database.transact(tenantId, (within) =>
    within.query<{ action: string; detail: object }>(
      `select action, detail from audit_log where tenant_id = $1 and action like 'blob.%' order by id desc limit 1`,
      [tenantId],
    ),
  )

  expect(rows).toMatchObject([{ action: 'blob.check', detail: { repair: true, removed: 0 } }])
})

test('keys are wrapped anew on demand', async () => {
  await world().deps.dataKeys?.of(world().tenantId)
  const { status, body } = await post('/api/blobs/rewrap', {})

  expect(status).toBe(200)
  expect(body).toMatchObject({ rewrapped: 0, master_keys: [{ role: 'current', tenants: 1 }] })
})
