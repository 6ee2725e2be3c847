import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { NO_CAPS } from '../../src/core/caps.ts'
import { createBlobChecks } from '../../src/storage/blob-checks.ts'
import { createObjectDirectory } from '../../src/storage/object-directory.ts'
import { createReferencedBlobs } from '../../src/storage/referenced-blobs.ts'
import { createSubmission } from '../../src/ingest/submit.ts'
import { onEveryBackend } from './backends.ts'
import { blobsIn } from './blob-folder.ts'
import { documents, files, stores } from './library.ts'

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
const DAY_MS = 86_400_000

onEveryBackend('A check of what is kept', (world) => {
  const open = async ({ spareMs = 0 }: { readonly spareMs?: number } = {}) => {
    const folder = await mkdtemp(join(tmpdir(), 'ragstone-checks-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const { database } = world
    const blobs = createReferencedBlobs({ blobs: blobsIn(folder), database })
    const tenantId = await world.newTenant()
    const checks = createBlobChecks({
      objects: createObjectDirectory(folder),
      blobs,
      database,
      tenantIds: async () => [tenantId],
      spareMs,
    })
    const submission = createSubmission({
      database,
      files,
      documents,
      vectorStores: stores,
      blobs,
      queue: { send: async () => undefined },
      maxBytes: 1_000,
      defaultChunkSize: { maxTokens: 256, overlapTokens: 32 },
      capsOf: async () => NO_CAPS,
    })
    const upload = (text: string) =>
      submission.upload(tenantId, {
        filename: 'a.txt',
        purpose: 'assistants',
        content: Buffer.from(text),
        expiresAt: null,
      })
    const pathOf = (text: string, tenant = tenantId) =>
      join(folder, tenant, hashOf(text).slice(0, 2), hashOf(text))
    const check = (repair: boolean, verify = true) => checks.check({ repair, verify })
    return { blobs, tenantId, upload, check, pathOf }
  }

  test('that finds all well says how much there is', async () => {
    const { upload, check } = await open()
    await upload('granite')

    expect(await check(true)).toMatchObject({
      tenants: 1,
      objects: 1,
      bytes: 7,
      verified: 1,
      counts: { damaged: 0, missing: 0, orphan: 0, stray: 0 },
      findings: [],
    })
  })

  test('finds orphans, and removes them only when it is to repair', async () => {
    const { blobs, tenantId, check } = await open()
    await blobs.put(tenantId, hashOf('basalt'), Buffer.from('basalt'))

    expect((await check(false)).findings).toMatchObject([{ problem: 'orphan', removed: false }])
    expect(await blobs.get(tenantId, hashOf('basalt'))).not.toBeNull()
    expect(await check(true)).toMatchObject({ removed: 1, removedBytes: 6 })
    expect(await blobs.get(tenantId, hashOf('basalt'))).toBeNull()
  })

  test('spares what is young', async () => {
    const { blobs, tenantId, check, pathOf } = await open({ spareMs: DAY_MS })
    await blobs.put(tenantId, hashOf('basalt'), Buffer.from('basalt'))
    expect((await check(true)).findings).toEqual([])
    const old = new Date(Date.now() - 2 * DAY_MS)
    await utimes(pathOf('basalt'), old, old)

    expect(await check(true)).toMatchObject({ removed: 1 })
  })

  test('finds damaged content, and leaves it', async () => {
    const { upload, check, pathOf } = await open()
    await upload('granite')
    await writeFile(pathOf('granite'), 'gravel!')

    expect((await check(true)).findings).toMatchObject([{ problem: 'damaged', removed: false }])
    expect(String(await readFile(pathOf('granite')))).toBe('gravel!')
  })

  test('reads no content where it is not to verify', async () => {
    const { upload, check, pathOf } = await open()
    await upload('granite')
    await writeFile(pathOf('granite'), 'gravel!')

    expect(await check(true, false)).toMatchObject({ verified: 0, findings: [] })
  })

  test('finds what is missing, and names the file', async () => {
    const { upload, check, pathOf } = await open()
    const { id } = await upload('granite')
    await rm(pathOf('granite'))

    expect((await check(true)).findings).toMatchObject([
      { problem: 'missing', detail: expect.stringContaining(id) as unknown },
    ])
  })

  test('removes what an interrupted write has left', async () => {
    const { upload, check, pathOf } = await open()
    await upload('granite')
    const draft = `${pathOf('granite')}.0f0f-0f0f`
    await writeFile(draft, 'gran')
    expect((await check(true)).findings).toEqual([])
    const old = new Date(Date.now() - DAY_MS)
    await utimes(draft, old, old)

    expect(await check(true)).toMatchObject({ counts: { stray: 1 }, removed: 1, objects: 1 })
    expect((await check(false)).findings).toEqual([])
  })

  test('removes what is of no tenant, and leaves what it does not know', async () => {
    const { blobs, check, pathOf, tenantId } = await open()
    await blobs.put('ten_gone', hashOf('granite'), Buffer.from('granite'))
    const stranger = join(pathOf('x'), '..', '..', '..', 'notes.txt')
    await writeFile(stranger, 'mine')
    const { findings } = await check(true)

    expect(findings.map(({ problem, removed, key }) => [problem, removed, key])).toEqual(
      expect.arrayContaining([
        ['stray', true, `ten_gone/${hashOf('granite').slice(0, 2)}/${hashOf('granite')}`],
        ['stray', false, 'notes.txt'],
      ]),
    )
    expect(tenantId).not.toBe('ten_gone')
    expect(String(await readFile(stranger))).toBe('mine')
  })

  test('never takes anything from uploads and deletions under way, however often it sweeps', async () => {
    const { blobs, tenantId, upload, check } = await open()
    let sweeping = true
    const sweeps = (async () => {
      while (sweeping) await check(true)
    })()
    for (let round = 0; round < 25; round += 1) {
      const text = `granite ${round % 3}`
      const [file] = await Promise.all([upload(text), upload(text)])
      expect(String(await blobs.get(tenantId, hashOf(text))), `round ${round}`).toBe(text)
      const gone = await world.database.transact(tenantId, (within) =>
        files.delete(within, file.id),
      )
      for (const orphan of gone?.orphans ?? []) await blobs.delete(tenantId, orphan)
      expect(String(await blobs.get(tenantId, hashOf(text))), `round ${round}`).toBe(text)
    }
    sweeping = false
    await sweeps

    expect((await check(false)).findings).toEqual([])
  })
})
