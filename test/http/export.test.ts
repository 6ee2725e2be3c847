import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { beforeAll, describe, expect, test } from 'vitest'
import { decisionOn } from '../../src/storage/exported-tables.ts'
import { verifyExport } from '../../src/tenancy/export/verify-export.ts'
import { BACKENDS } from '../storage/backends.ts'
import { rowsIn, unpack } from '../unpack.ts'
import { settle, type Settled } from './settled-tenant.ts'
import { useHttpWorld } from './world.ts'

describe.each(BACKENDS)('The export of a tenant on %s', (kind) => {
  const world = useHttpWorld(kind)
  let operator = ''
  let one: Settled
  let other: Settled

  beforeAll(async () => {
    operator = await world().newKey(['operator'])
    one = await settle(world(), 'heliotrope')
    other = await settle(world(), 'marigold')
  }, 120_000)

  const download = async (
    tenantId: string,
    headers: Readonly<Record<string, string>> = { authorization: `Bearer ${operator}` },
  ) => {
    const response = await fetch(`${world().url}/api/tenants/${tenantId}/export`, { headers })
    return { response, content: Buffer.from(await response.arrayBuffer()) }
  }

  const ask = async <Row extends object>(tenantId: string, text: string) =>
    world().deps.database.transact(tenantId, (transaction) =>
      transaction.query<Row>(text, [tenantId]),
    )

  /** What one request has brought to a log. */
  const auditOf = async (tenantId: string, { headers }: Response) => {
    const entries = await ask<{
      action: string
      outcome: string
      detail: Record<string, unknown>
      request_id: string
    }>(
      tenantId,
      `select action, outcome, detail, request_id from audit_log where tenant_id = $1
       and action like 'tenant.export%' order by id`,
    )
    return entries.filter((entry) => entry.request_id === headers.get('x-request-id'))
  }

  /** Written behind the last byte. */
  const untilAudited = async (tenantId: string, response: Response) =>
    expect.poll(() => auditOf(tenantId, response).then(({ length }) => length)).toBe(2)

  test('is whole by its own word, and brings every file and every text back', async () => {
    const { response, content } = await download(one.tenantId)
    const report = await verifyExport(Readable.from([content]))
    const entries = await unpack(content)

    expect(response.headers.get('content-type')).toBe('application/gzip')
    expect(report).toMatchObject({
      faults: [],
      manifest: {
        format: 'ragstone-tenant-export',
        tenant: { id: one.tenantId },
        one_moment: kind === 'postgres',
        files: { count: one.files.length },
        incomplete: [],
      },
    })
    for (const { id, shownAs, bytes } of one.files) {
      expect(entries.get(`files/${id}/${shownAs}`)?.equals(bytes)).toBe(true)
    }
    for (const text of one.texts) {
      const path = `texts/${createHash('sha256').update(text).digest('hex')}.txt`
      expect(entries.get(path)?.toString()).toBe(text)
    }
  })

  test('brings every row back, column by column', async () => {
    const entries = await unpack((await download(one.tenantId)).content)
    const tables = await ask<{ name: string }>(
      one.tenantId,
      `select relname as name from pg_class c where relnamespace = 'public'::regnamespace
         and relkind in ('r', 'p') and not relispartition and $1 <> ''
         and exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant_id')`,
    )
    const compared: string[] = []
    for (const { name } of tables) {
      const decision = decisionOn(name)
      // What is written while it is exported.
      if (decision === undefined || typeof decision === 'string' || name.startsWith('audit_'))
        continue
      const rows = await ask<{ row: Record<string, unknown> }>(
        one.tenantId,
        `select to_jsonb(entry) as row from ${name} as entry where tenant_id = $1`,
      )
      const expected = rows.map(({ row }) => shownOf(row, decision.shown))
      const exported = rowsIn(entries, name).map((row) => shownOf(row, decision.shown))
      expect(exported.toSorted()).toEqual(expected.toSorted())
      if (rows.length > 0) compared.push(name)
    }

    expect(compared).toEqual(expect.arrayContaining(one.tables as string[]))
  })

  test('holds no secret of anybody, and nothing of another tenant', async () => {
    const { content } = await download(one.tenantId)
    const unpacked = Buffer.concat([...(await unpack(content)).values()]).toString('latin1')
    const secrets = [...one.secrets, ...other.secrets, ...(await withheldOf(one.tenantId))]

    expect(secrets.length).toBeGreaterThan(20)
    expect(secrets.filter((secret) => unpacked.includes(secret))).toEqual([])
    expect(unpacked).toContain('heliotrope')
    expect(unpacked).not.toContain('marigold')
    expect(unpacked).not.toContain(other.tenantId)
  })

  /** Every value of every column that is withheld, in the ways in which it might have been written. */
  async function withheldOf(tenantId: string): Promise<readonly string[]> {
    const found: string[] = []
    const tables = await ask<{ name: string }>(
      tenantId,
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace
         and relkind in ('r', 'p') and not relispartition and $1 <> ''`,
    )
    for (const { name } of tables) {
      const decision = decisionOn(name)
      if (decision === undefined || typeof decision === 'string') continue
      for (const column of Object.keys(decision.withheld)) {
        const rows = await ask<{ value: Buffer | string | null }>(
          tenantId,
          `select ${column} as value from ${name} where tenant_id = $1`,
        )
        found.push(...rows.flatMap(({ value }) => waysOf(value)))
      }
    }
    return found
  }

  test('is for an owner of the tenant and for operators alone', async () => {
    const by = async (headers: Readonly<Record<string, string>>) => {
      const { response } = await download(one.tenantId, headers)
      return response.status
    }

    expect(await by({ cookie: one.owner.cookie })).toBe(200)
    expect(await by({ cookie: one.admin.cookie })).toBe(403)
    expect(await by({ authorization: `Bearer ${one.key}` })).toBe(403)
    expect(await by({ authorization: `Bearer ${operator}` })).toBe(200)
  })

  test('of somebody else is answered as if there were no such tenant', async () => {
    const told = async (id: string) => {
      const { response, content } = await download(id, { cookie: other.owner.cookie })
      return `${response.status} ${content.toString().replaceAll(id, '<id>')}`
    }
    const ghost = one.tenantId.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))

    expect(await told(one.tenantId)).toBe(await told(ghost))
    expect(await told(one.tenantId)).toContain('404 ')
  })

  test('is in the log of the tenant and of the operator, from its request to its end', async () => {
    const { response, content } = await download(one.tenantId)
    const { manifestSha256 } = await verifyExport(Readable.from([content]))

    for (const tenantId of [one.tenantId, world().tenantId]) {
      await untilAudited(tenantId, response)
      expect(await auditOf(tenantId, response)).toMatchObject([
        { action: 'tenant.export.begin', outcome: 'done' },
        { action: 'tenant.export', outcome: 'done', detail: { manifest_sha256: manifestSha256 } },
      ])
    }
  })

  test('that is refused is in the log too', async () => {
    const { response } = await download(other.tenantId, { cookie: other.admin.cookie })

    await expect
      .poll(() => auditOf(other.tenantId, response))
      .toMatchObject([{ action: 'tenant.export', outcome: 'refused' }])
  })

  test('of a suspended tenant is for an operator alone', async () => {
    const closed = await settle(world(), 'snowdrop')
    await world().deps.database.transact(world().tenantId, (transaction) =>
      world().tenants.update(transaction, closed.tenantId, { status: 'suspended' }),
    )
    world().deps.tenantDirectory.forget(closed.tenantId)
    const { response, content } = await download(closed.tenantId)
    const cookie = { cookie: closed.owner.cookie }

    expect(response.status).toBe(200)
    expect((await verifyExport(Readable.from([content]))).faults).toEqual([])
    expect((await download(closed.tenantId, cookie)).response.status).toBe(403)
  })

  test('ends with whoever breaks off, and leaves the way free for the next', async () => {
    const big = await settle(world(), 'larkspur', { megabytes: 40 })
    const leave = new AbortController()
    const response = await fetch(`${world().url}/api/tenants/${big.tenantId}/export`, {
      headers: { authorization: `Bearer ${operator}` },
      signal: leave.signal,
    })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    const second = await download(big.tenantId)
    leave.abort()
    await untilAudited(big.tenantId, response)

    expect(second.response.status).toBe(429)
    expect(second.response.headers.get('retry-after')).not.toBeNull()
    expect((await auditOf(big.tenantId, response)).at(-1)).toMatchObject({
      action: 'tenant.export',
      outcome: 'failed',
      detail: { code: 'caller_gone' },
    })
    expect((await download(big.tenantId)).response.status).toBe(200)
  })
})

/** The members that are shown, written alike: times as moments, exact numbers as texts, bytes as digits. */
function shownOf(row: Readonly<Record<string, unknown>>, shown: readonly string[]): string {
  return JSON.stringify(
    shown.map((name) => {
      const value = row[name]
      if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return Date.parse(value)
      if (typeof value === 'number') return String(value)
      return typeof value === 'string' ? value.replace(/^\\x/, '') : value
    }),
  )
}

function waysOf(value: Buffer | string | null): readonly string[] {
  if (value === null || typeof value === 'string') return value === null ? [] : [value]
  return (['hex', 'base64', 'base64url'] as const).map((encoding) => value.toString(encoding))
}
