import { expect, test } from 'vitest'
import { createIdempotencyKeys } from '../../src/storage/idempotency-keys.ts'
import { onEveryBackend } from './backends.ts'

onEveryBackend('Idempotency keys', (world) => {
  const keys = createIdempotencyKeys()
  const work = { route: 'POST /v1/files', key: 'k' }
  const claimAs = (tenantId: string, claim: string, seconds = 60) =>
    world.database.transact(tenantId, (within) =>
      keys.claim(within, work, { claim, fingerprint: 'f', seconds }),
    )

  test('one of many at the same moment is to do the work', async () => {
    const tenantId = await world.newTenant()
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, index) => claimAs(tenantId, `claim-${index}`)),
    )

    expect(claims.filter(({ state }) => state === 'claimed')).toHaveLength(1)
    expect(claims.filter(({ state }) => state === 'running')).toHaveLength(7)
  })

  test('the work of a server that died is done by the next', async () => {
    const tenantId = await world.newTenant()
    await claimAs(tenantId, 'dead', -1)

    expect(await claimAs(tenantId, 'next')).toEqual({ state: 'claimed' })
    // Should it be alive after all, what it says no longer counts.
    await world.database.transact(tenantId, (within) =>
      keys.keep(within, 'dead', { status: 200, body: 'late' }),
    )
    expect(await claimAs(tenantId, 'third')).toEqual({ state: 'running' })
  })

  test('a claim that is renewed goes on', async () => {
    const tenantId = await world.newTenant()
    await claimAs(tenantId, 'slow', -1)
    await world.database.transact(tenantId, (within) => keys.renew(within, 'slow', 60))

    expect(await claimAs(tenantId, 'next')).toEqual({ state: 'running' })
  })

  test('an answer is kept for a day and no longer', async () => {
    const tenantId = await world.newTenant()
    const answer = { status: 200, body: '{"b":1,"a":2}' }
    await claimAs(tenantId, 'first')
    await world.database.transact(tenantId, (within) => keys.keep(within, 'first', answer))

    expect(await claimAs(tenantId, 'second')).toEqual({ state: 'kept', answer })
    await world.database.transact(tenantId, (within) =>
      within.query(`update idempotency_keys set created_at = now() - interval '25 hours'`),
    )
    expect(await claimAs(tenantId, 'third')).toEqual({ state: 'claimed' })
  })
})
