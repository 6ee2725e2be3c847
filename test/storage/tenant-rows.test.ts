import { beforeAll, expect, test } from 'vitest'
import type { RowKey, RowReader } from '../../src/core/ports/tenant-rows.ts'
import { createTenantRows } from '../../src/storage/tenant-rows.ts'
import { decisionOn } from '../../src/storage/exported-tables.ts'
import { onEveryBackend } from './backends.ts'
import { addFile, addIndexed, addStore, createSpace, SPACE } from './library.ts'

/** Tables in which nothing belongs to one tenant, or that are about tenants that are gone. */
const NO_TENANTS = [
  'embedding_migrations',
  'embedding_serving',
  'embedding_spaces',
  'file_store',
  'migrations',
  'tenant_erasures',
  'workers',
]

onEveryBackend('The rows of a tenant that may leave', (world) => {
  beforeAll(() => createSpace(world.backend))

  const signal = new AbortController().signal
  const rows = () => createTenantRows({ backend: world.backend, database: world.database })

  const readAll = async (reader: RowReader, name: string, limit: number) => {
    const table = (await reader.tables()).find((each) => each.name === name)
    if (table === undefined) throw new Error(`${name} is not handed out`)
    const lines: string[] = []
    let after: RowKey | null = null
    do {
      const page = await reader.page(table, after, limit)
      lines.push(...page.lines)
      after = page.next
    } while (after !== null)
    return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  }

  test('are decided on for every table and every column that there is', async () => {
    const { rows: columns } = await world.backend.pool.query<{ table: string; name: string }>(
      `select c.relname as table, a.attname as name from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`,
    )
    const undecided = columns.filter(({ table, name }) => {
      if (NO_TENANTS.includes(table) || name === 'tenant_id') return false
      const decision = decisionOn(table)
      if (decision === undefined) return true
      if (typeof decision === 'string') return false
      return !decision.shown.includes(name) && !(name in decision.withheld)
    })

    // Say in src/storage/exported-tables.ts whether it leaves with an export, or why not.
    expect(undecided).toEqual([])
  })

  test('come page by page, each once, in whatever lengths', async () => {
    const tenant = await world.newTenant()
    await world.database.transact(tenant, async (within) => {
      const store = await addStore(within)
      for (let count = 0; count < 4; count += 1) {
        await addIndexed(within, store, { passages: [{ text: 'One.' }, { text: 'Two.' }] })
      }
    })
    const read = (name: string, limit: number) =>
      rows().read(tenant, (reader) => readAll(reader, name, limit), signal)

    for (const name of ['files', 'documents', 'chunks', `vectors_${SPACE.name}`, 'tenants']) {
      const whole = await read(name, 1_000)
      expect([name, await read(name, 1)]).toEqual([name, whole])
      expect([name, await read(name, 3)]).toEqual([name, whole])
    }
    expect(await read('chunks', 3)).toHaveLength(8)
    expect((await read(`vectors_${SPACE.name}`, 2))[0]).toMatchObject({
      embedding: [0.5, 0.5, 0.5, 0.5],
    })
  })

  test('are of one moment on a server, and hold nobody up in an embedded database', async () => {
    const tenant = await world.newTenant()
    await world.database.transact(tenant, (within) => addFile(within))
    const [isOneMoment, before, after] = await rows().read(
      tenant,
      async (reader) => {
        const first = await readAll(reader, 'files', 10)
        await world.database.transact(tenant, (within) => addFile(within))
        return [reader.isOneMoment, first.length, (await readAll(reader, 'files', 10)).length]
      },
      signal,
    )

    expect([isOneMoment, before, after]).toEqual(
      world.kind === 'postgres' ? [true, 1, 1] : [false, 1, 2],
    )
  })

  test('are those of the tenant alone', async () => {
    const [mine, other] = [await world.newTenant(), await world.newTenant()]
    const file = await world.database.transact(mine, (within) => addFile(within))
    await world.database.transact(other, (within) => addFile(within))
    const read = await rows().read(mine, (reader) => readAll(reader, 'files', 10), signal)

    expect(read.map(({ id }) => id)).toEqual([file.id])
  })
})
