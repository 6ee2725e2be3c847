import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { openCredentialSeal } from '../../src/app/credential-seal.ts'
import { createDataKeys, masterKeysOf } from '../../src/storage/data-keys.ts'
import { onEveryBackend } from '../storage/backends.ts'

const SECRETS = ['a secret of the tests, 32 characters'] as const
const TEXT = '{"password":"violet anchor soup"}'

onEveryBackend('the credentials of a source', (world) => {
  const keysUnder = (master: Buffer) =>
    createDataKeys(world.backend.pool, masterKeysOf(master, null))
  const placeOf = async () => ({ tenantId: await world.newTenant(), sourceId: 'src_1' })

  test('open under the tenant’s data key, for their source alone', async () => {
    const seal = openCredentialSeal({ dataKeys: keysUnder(Buffer.alloc(32, 1)), secrets: SECRETS })
    const place = await placeOf()
    const sealed = await seal.close(TEXT, place)

    expect(sealed).not.toContain('violet')
    expect(await seal.open(sealed, place)).toBe(TEXT)
    for (const other of [{ ...place, sourceId: 'src_2' }, await placeOf()])
      await expect(seal.open(sealed, other)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('open under the server’s secret where there is no master key, for their source alone', async () => {
    const seal = openCredentialSeal({ dataKeys: null, secrets: SECRETS })
    const place = await placeOf()
    const sealed = await seal.close(TEXT, place)

    expect(Buffer.from(sealed).toString()).not.toContain('violet')
    expect(await seal.open(sealed, place)).toBe(TEXT)
    await expect(seal.open(sealed, { ...place, sourceId: 'src_2' })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  test('that were sealed before there was a master key still open', async () => {
    const place = await placeOf()
    const sealed = await openCredentialSeal({ dataKeys: null, secrets: SECRETS }).close(TEXT, place)
    const dataKeys = keysUnder(Buffer.alloc(32, 1))

    expect(await openCredentialSeal({ dataKeys, secrets: SECRETS }).open(sealed, place)).toBe(TEXT)
  })

  test('say so when the key they were sealed with is gone', async () => {
    const place = await placeOf()
    const dataKeys = keysUnder(randomBytes(32))
    const sealed = await openCredentialSeal({ dataKeys, secrets: SECRETS }).close(TEXT, place)
    const without = openCredentialSeal({ dataKeys: null, secrets: SECRETS })
    const other = openCredentialSeal({ dataKeys: null, secrets: ['x'.repeat(32)] })
    const underOther = await other.close(TEXT, place)

    await expect(without.open(sealed, place)).rejects.toThrow('Give them again')
    await expect(without.open(underOther, place)).rejects.toThrow('Give them again')
  })
})
