import { beforeAll, expect, test } from 'vitest'
import { createId } from '../../src/core/id.ts'
import type { LimitableDatabase, TransactOptions } from '../../src/core/ports/database.ts'
import { createDatabase } from '../../src/storage/database.ts'
import { onEveryBackend } from './backends.ts'

onEveryBackend('a key for certain stores', (world) => {
  let database: LimitableDatabase
  let tenantId: string
  const reach = { keyId: 'key_1', vectorStoreIds: ['vs_own'] }

  /** As the key's request would do it. */
  const limited = (text: string, options?: TransactOptions) =>
    new Promise<readonly { id: string }[]>((resolve, reject) => {
      database.limit(reach, () => {
        database
          .transact(tenantId, (transaction) => transaction.query<{ id: string }>(text), options)
          .then(resolve, reject)
      })
    })
  const all = (text: string) =>
    database.transact(tenantId, (transaction) => transaction.query<{ id: string }>(text))

  beforeAll(async () => {
    database = createDatabase(world.backend)
    tenantId = await world.newTenant()
    for (const id of ['vs_own', 'vs_other']) {
      await all(
        `insert into vector_stores (tenant_id, id, name, created_at, last_active_at)
         values ('${tenantId}', '${id}', '', now(), now())`,
      )
    }
  })

  test.each([false, true])(
    'sees its stores alone, in one statement or in many: %s',
    async (one) => {
      const rows = await limited('select id from vector_stores', { oneStatement: one })

      expect(rows).toEqual([{ id: 'vs_own' }])
    },
  )

  test('leaves nothing behind for whoever comes next on the connection', async () => {
    await limited('select id from vector_stores')
    await limited('select id from vector_stores', { oneStatement: true })

    expect(await all('select id from vector_stores order by id')).toEqual([
      { id: 'vs_other' },
      { id: 'vs_own' },
    ])
  })

  test('makes no store beside its own', async () => {
    await expect(
      limited(
        `insert into vector_stores (tenant_id, id, name, created_at, last_active_at)
         values ('${tenantId}', 'vs_new', '', now(), now())`,
      ),
    ).rejects.toMatchObject({ code: 'permission_denied' })
  })

  test.each(['conversations', 'responses', 'files'])('sees of %s what it made', async (table) => {
    const columns: Record<string, string> = {
      conversations: `created_at) values ($1, $2, now()`,
      responses: `created_at, input, response) values ($1, $2, now(), '[]', '{}'`,
      files: `filename, purpose, bytes, sha256, created_at) values ($1, $2, '', '', 1, '', now()`,
    }
    const insert = (id: string) =>
      `insert into ${table} (tenant_id, id, ${columns[table]})`
        .replace('$1', `'${tenantId}'`)
        .replace('$2', `'${id}'`)
    const own = createId('resp_')
    await limited(insert(own))
    await all(insert(createId('resp_')))

    expect(await limited(`select id from ${table}`)).toEqual([{ id: own }])
    expect(await all(`select id from ${table}`)).toHaveLength(2)
  })
})
