import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AuditEntry } from '../../src/core/ports/audit.ts'
import { createAuditLog } from '../../src/storage/audit-log.ts'
import { createAuditOutbox } from '../../src/storage/audit-outbox.ts'
import { createAuditRecords } from '../../src/storage/audit-records.ts'
import { createAuditSeals } from '../../src/storage/audit-seals.ts'
import { createAuditVerification } from '../../src/storage/audit-verification.ts'
import { onEveryBackend } from './backends.ts'

const entry = (change: Partial<AuditEntry> = {}): AuditEntry => ({
  action: 'file.delete',
  actor: { kind: 'key', id: 'key_1' },
  target: 'file-1',
  outcome: 'done',
  requestId: 'req_1',
  address: '127.0.0.1',
  detail: { b: "it's", a: [1, 2.5, null] },
  ...change,
})
const NO_FILTER = {
  action: null,
  actorId: null,
  target: null,
  outcome: null,
  requestId: null,
  address: null,
  since: null,
  until: null,
}

onEveryBackend('the audit log', (world) => {
  const { database, newTenant, takeStatements } = world
  const log = createAuditLog()
  const append = (tenant: string, ...entries: readonly AuditEntry[]) =>
    database.transact(tenant, async (transaction) => {
      for (const each of entries) await log.append(transaction, each)
    })
  const seal = () => createAuditSeals(world.backend.pool).seal(10_000, { keep: false })
  const verify = (tenant: string, expected: string | null = null) =>
    createAuditVerification(world.backend.pool)(tenant, expected)
  const list = (tenant: string, cursor = {}, filter = {}) =>
    database.transact(tenant, (transaction) =>
      createAuditRecords().list(
        transaction,
        { after: null, before: null, limit: 100, order: 'desc', ...cursor },
        { ...NO_FILTER, ...filter },
      ),
    )

  test.for([
    `update audit_log set outcome = 'failed'`,
    'delete from audit_log',
    'truncate audit_log',
    `insert into audit_log (tenant_id, at, action, actor_kind, outcome) values (current_tenant(), now() - interval '1 day', 'a', 'key', 'done')`,
    `insert into audit_log (tenant_id, id, action, actor_kind, outcome) values (current_tenant(), uuidv7(), 'a', 'key', 'done')`,
    'delete from audit_chain',
    `update audit_heads set position = 0`,
    `insert into audit_chain (tenant_id, position, entry_id, hash) values (current_tenant(), 1, uuidv7(), '')`,
    'select from audit_queue',
    'delete from audit_queue',
    'alter table audit_log disable trigger queued',
  ])('the role of the application may not: %s', async (statement) => {
    const tenant = await newTenant()
    await append(tenant, entry())

    await expect(
      database.transact(tenant, (transaction) => transaction.query(statement)),
    ).rejects.toThrow(/permission denied|must be owner/)
  })

  test('an entry costs no message of its own', async () => {
    const tenant = await newTenant()
    takeStatements()

    await append(tenant, entry())

    // With what opens the transaction, and with the commit.
    expect(takeStatements()).toHaveLength(1)
  })

  test('an entry is lost with the transaction that fails', async () => {
    const tenant = await newTenant()
    await expect(
      database.transact(tenant, async (transaction) => {
        await log.append(transaction, entry())
        throw new Error('midway')
      }),
    ).rejects.toThrow('midway')

    expect(await list(tenant)).toEqual([])
  })

  test('what goes with the commit undoes the transaction when it fails', async () => {
    const tenant = await newTenant()
    const insert = `insert into vector_stores (tenant_id, id, name, created_at, last_active_at) values ($1, 'vs_1', '', now(), now())`
    await expect(
      database.transact(tenant, async (transaction) => {
        await transaction.query(insert, [tenant])
        transaction.last('insert into audit_log (tenant_id) values ($1)', [tenant])
      }),
    ).rejects.toThrow(/null value/)

    const rows = await database.transact(tenant, (transaction) =>
      transaction.query('select from vector_stores where tenant_id = $1', [tenant]),
    )
    expect(rows).toEqual([])
  })

  test('what changes nothing is not noted as a change', async () => {
    const tenant = await newTenant()
    const told: boolean[] = []
    const note = (statement: string) =>
      database.transact(tenant, async (transaction) => {
        await transaction.query(statement, [tenant])
        log.appendIfChanged(transaction, entry(), (changed) => told.push(changed))
      })
    await note('delete from vector_stores where tenant_id = $1')
    await note(
      `insert into vector_stores (tenant_id, id, name, created_at, last_active_at) values ($1, 'vs_1', '', now(), now())`,
    )

    expect([told, (await list(tenant)).length]).toEqual([[false, true], 1])
  })

  test('everything that can be written comes back as it was, and is sealed as it is', async () => {
    const tenant = await newTenant()
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          target: fc.option(fc.string({ unit: 'binary' })),
          detail: fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 3 }),
        }),
        async ({ target, detail }) => {
          await append(tenant, entry({ target, detail: detail as Record<string, unknown> }))
        },
      ),
      { numRuns: 60 },
    )
    await seal()

    expect((await verify(tenant)).problems).toEqual([])
  })

  test('entries of many tenants at once are all sealed, each in the chain of its own', async () => {
    const tenants = [await newTenant(), await newTenant(), await newTenant()]
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        await append(tenants[index % 3] ?? '', entry({ target: `file-${index}` }))
        if (index % 7 === 0) await seal()
      }),
    )
    await seal()

    for (const tenant of tenants) {
      const { sealed, waiting, problems } = await verify(tenant)
      expect({ sealed, waiting, problems }).toEqual({ sealed: 20, waiting: 0, problems: [] })
    }
  })

  test('what is not sealed yet is told as waiting', async () => {
    const tenant = await newTenant()
    await append(tenant, entry(), entry())

    expect(await verify(tenant)).toMatchObject({ sealed: 0, waiting: 2, problems: [] })
  })

  test('a hash that was noted before is in a chain that has grown since', async () => {
    const tenant = await newTenant()
    await append(tenant, entry())
    await seal()
    const { head } = await verify(tenant)
    await append(tenant, entry())
    await seal()

    expect((await verify(tenant, head.hash)).problems).toEqual([])
  })

  test('a chain that was written anew lacks the hash that was noted before', async () => {
    const tenant = await newTenant()
    await append(tenant, entry(), entry())
    await seal()
    const { head } = await verify(tenant)
    const { pool } = world.backend
    // As the owner, with everything there is: no chain can show this by itself.
    await pool.query('delete from audit_chain where tenant_id = $1', [tenant])
    await pool.query('delete from audit_heads where tenant_id = $1', [tenant])
    await pool.query(`update audit_log set target = 'other' where tenant_id = $1`, [tenant])
    await pool.query(
      'insert into audit_queue (id, tenant) select id, tenant_id from audit_log where tenant_id = $1',
      [tenant],
    )
    await seal()

    expect((await verify(tenant)).problems).toEqual([])
    expect((await verify(tenant, head.hash)).problems.map(({ kind }) => kind)).toEqual([
      'unexpected',
    ])
  })

  test.for([
    ['altered', `update audit_log set target = 'other'`],
    ['altered', `update audit_log set detail = detail || '{"a": 1}'`],
    ['altered', `update audit_log set at = at + interval '1 microsecond'`],
    ['altered', `update audit_log set actor_id = null`],
    ['altered', `update audit_log set address = '127.0.0.10'`],
    ['removed', 'delete from audit_log'],
    ['removed', 'delete from audit_chain'],
  ] as const)('%s: %s', async ([kind, statement]) => {
    const tenant = await newTenant()
    await append(tenant, entry(), entry(), entry())
    await seal()
    const victim = await middleOf(tenant)
    const column = statement.includes('audit_chain') ? 'entry_id' : 'id'
    await world.backend.pool.query(`${statement} where tenant_id = $1 and ${column} = $2`, [
      tenant,
      victim,
    ])

    expect((await verify(tenant)).problems.map((problem) => problem.kind)).toContain(kind)
  })

  test('an entry that is put in behind the back of the queue', async () => {
    const tenant = await newTenant()
    await append(tenant, entry())
    await seal()
    await world.backend.pool.query(
      `begin;
       alter table audit_log disable trigger queued;
       insert into audit_log (tenant_id, action, actor_kind, outcome) values ('${tenant}', 'a', 'key', 'done');
       alter table audit_log enable trigger queued;
       commit`,
    )

    expect((await verify(tenant)).problems.map(({ kind }) => kind)).toEqual(['inserted'])
  })

  test('an entry that was taken away before it could be sealed', async () => {
    const tenant = await newTenant()
    await append(tenant, entry(), entry())
    const [victim] = await list(tenant)
    await world.backend.pool.query('delete from audit_log where tenant_id = $1 and id = $2', [
      tenant,
      victim?.id,
    ])
    await seal()

    expect((await verify(tenant)).problems.map(({ kind }) => kind)).toEqual(['removed'])
  })

  test('whatever is done to one row of a sealed log, at its end too, is found', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(4),
        fc.constantFrom('alter', 'remove', 'remove with its link', 'unlink', 'swap'),
        async (place, tamper) => {
          const tenant = await newTenant()
          await append(tenant, ...[0, 1, 2, 3, 4].map((n) => entry({ target: `file-${n}` })))
          await seal()
          await tamperWith(tenant, place + 1, tamper)

          expect((await verify(tenant)).problems).not.toEqual([])
        },
      ),
      { numRuns: 25 },
    )
  })

  test('pages lead through all entries, in both directions', async () => {
    const tenant = await newTenant()
    const targets = Array.from({ length: 7 }, (_, index) => `file-${index}`)
    for (const target of targets) await append(tenant, entry({ target }))
    for (const order of ['asc', 'desc'] as const) {
      const seen: (string | null)[] = []
      for (let after: string | null = null; ;) {
        const page: Awaited<ReturnType<typeof list>> = await list(tenant, {
          after,
          limit: 3,
          order,
        })
        seen.push(...page.slice(0, 3).map(({ target }) => target))
        after = page.at(2)?.id ?? null
        if (page.length <= 3) break
      }
      expect(seen).toEqual(order === 'asc' ? targets : targets.toReversed())
    }
  })

  test('each filter leaves what it says', async () => {
    const tenant = await newTenant()
    const other = entry({
      action: 'api_key.create',
      actor: { kind: 'user', id: 'user_1' },
      target: 'key_9',
      outcome: 'refused',
      requestId: 'req_9',
      address: '::1',
    })
    await append(tenant, entry(), other, entry())
    const filters = [
      { action: 'api_key.create' },
      { action: 'api_key.*' },
      { actorId: 'user_1' },
      { target: 'key_9' },
      { outcome: 'refused' },
      { requestId: 'req_9' },
      { address: '::1' },
    ]
    const found = await Promise.all(filters.map((filter) => list(tenant, {}, filter)))

    expect(found.map((page) => page.map(({ target }) => target))).toEqual(
      filters.map(() => ['key_9']),
    )
  })

  test('a time bounds the list on either side', async () => {
    const tenant = await newTenant()
    await append(tenant, entry())
    const hour = 3_600_000
    const [before, after] = [new Date(Date.now() - hour), new Date(Date.now() + hour)]
    const sizes = await Promise.all(
      [{ since: before }, { since: after }, { until: before }, { until: after }].map(
        async (filter) => (await list(tenant, {}, filter)).length,
      ),
    )

    expect(sizes).toEqual([1, 0, 0, 1])
  })

  test("nobody sees another tenant's entries", async () => {
    const [own, other] = [await newTenant(), await newTenant()]
    await append(other, entry())

    expect(await list(own)).toEqual([])
  })

  test('what the sink has not taken is given out again, in the order of the chain', async () => {
    const tenant = await newTenant()
    await seal()
    const { pool } = world.backend
    const outbox = createAuditOutbox(pool)
    await append(tenant, ...[1, 2, 3].map((n) => entry({ target: `file-${n}` })))
    await createAuditSeals(pool).seal(100, { keep: true })
    const first = await outbox.claim(10, 60)
    const meanwhile = await outbox.claim(10, 60)
    await outbox.release(first.map(({ id }) => id))
    const again = await outbox.claim(10, 60)
    await outbox.remove(again.map(({ id }) => id))

    expect(first.map(({ seal: at }) => at?.position)).toEqual([1, 2, 3])
    expect(again).toEqual(first)
    expect([meanwhile, await outbox.claim(10, 60)]).toEqual([[], []])
  })

  async function middleOf(tenant: string): Promise<string> {
    const { rows } = await world.backend.pool.query<{ entry_id: string }>(
      'select entry_id from audit_chain where tenant_id = $1 and position = 2',
      [tenant],
    )
    return rows[0]?.entry_id ?? ''
  }

  async function tamperWith(tenant: string, position: number, tamper: string): Promise<void> {
    const { pool } = world.backend
    const at = [tenant, position]
    const id = `(select entry_id from audit_chain where tenant_id = $1 and position = $2)`
    if (tamper === 'alter')
      await pool.query(
        `update audit_log set actor_id = 'key_2' where tenant_id = $1 and id = ${id}`,
        at,
      )
    if (tamper.startsWith('remove'))
      await pool.query(`delete from audit_log where tenant_id = $1 and id = ${id}`, at)
    if (tamper === 'remove with its link' || tamper === 'unlink')
      await pool.query('delete from audit_chain where tenant_id = $1 and position = $2', at)
    if (tamper === 'swap')
      await pool.query(
        `update audit_log set target = case target when 'file-0' then 'file-4' else 'file-0' end
         where tenant_id = $1 and target in ('file-0', 'file-4') and $2::integer > 0`,
        at,
      )
  }
})
