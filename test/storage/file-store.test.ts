import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { createBlobChecks } from '../../src/storage/blob-checks.ts'
import { examineFileStore, settleFileStore } from '../../src/storage/file-store.ts'
import { createObjectDirectory } from '../../src/storage/object-directory.ts'
import { onEveryBackend } from './backends.ts'
import { blobsIn } from './blob-folder.ts'
import { addFile } from './library.ts'

const CONTENT = Buffer.from('granite')
const SHA256 = createHash('sha256').update(CONTENT).digest('hex')

onEveryBackend('The place of files', (world) => {
  beforeEach(async () => {
    await world.backend.pool.query('delete from file_store')
    await world.backend.pool.query('delete from tenants')
  })

  const newPlace = async (at?: string) => {
    const folder = at ?? (await mkdtemp(join(tmpdir(), 'ragstone-place-')))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const of = { objects: createObjectDirectory(folder), place: folder }
    return {
      folder,
      mark: join(folder, 'ragstone-store'),
      settle: async () => (await settleFileStore(world.backend.pool, of)).fit,
      examine: async () => (await examineFileStore(world.backend.pool, of)).fit,
    }
  }
  /** A file of a new tenant: its row, and its bytes in the folder. */
  const keep = async (folder: string) => {
    const tenantId = await world.newTenant()
    await world.database.transact(tenantId, (within) => addFile(within, { sha256: SHA256 }))
    await blobsIn(folder).put(tenantId, SHA256, CONTENT)
    return join(folder, tenantId, SHA256.slice(0, 2), SHA256)
  }

  test('is told of its database by whoever is first', async () => {
    const { settle, mark } = await newPlace()

    expect([await settle(), await settle()]).toEqual(['new', 'same'])
    const { rows } = await world.backend.pool.query<{ id: string }>('select id from file_store')
    expect((await readFile(mark, 'utf8')).split('\n')[0]).toBe(rows[0]?.id)
  })

  test('of an installation from before is adopted where its files are', async () => {
    const { settle, folder } = await newPlace()
    await keep(folder)

    expect([await settle(), await settle()]).toEqual(['new', 'same'])
  })

  test('is not adopted where the files of the database are not', async () => {
    await keep((await newPlace()).folder)

    expect(await (await newPlace()).settle()).toBe('absent')
  })

  test('is refused to a second one that has no files, even before there are any', async () => {
    await (await newPlace()).settle()

    expect(await (await newPlace()).settle()).toBe('absent')
  })

  test('is refused to a second one beside another with files', async () => {
    const first = await newPlace()
    await first.settle()
    await keep(first.folder)

    expect(await (await newPlace()).settle()).toBe('absent')
  })

  test('that has lost its mark with all that was in it is refused', async () => {
    const { settle, folder, mark } = await newPlace()
    await settle()
    await rm(await keep(folder))
    await rm(mark)

    expect(await settle()).toBe('absent')
  })

  test('of another database is refused', async () => {
    const { settle, mark } = await newPlace()
    await writeFile(mark, 'fst_other\n')

    expect([await settle(), await settle()]).toEqual(['foreign', 'foreign'])
  })

  test('may be moved with what is in it', async () => {
    const { settle, folder } = await newPlace()
    await settle()
    await keep(folder)
    const elsewhere = `${folder}-moved`
    await rename(folder, elsewhere)

    expect(await (await newPlace(elsewhere)).settle()).toBe('same')
  })

  test('that was emptied before anything was in it is marked anew', async () => {
    const { settle, mark } = await newPlace()
    await settle()
    await rm(mark)

    expect([await settle(), await settle()]).toEqual(['new', 'same'])
  })

  test('is known again with a backup of the database from before it was marked', async () => {
    const { settle, folder } = await newPlace()
    await settle()
    await keep(folder)
    await world.backend.pool.query('delete from file_store')

    expect([await settle(), await settle()]).toEqual(['new', 'same'])
  })

  test('is known again by whoever puts the mark back by hand', async () => {
    const { settle, folder, mark } = await newPlace()
    await settle()
    await keep(folder)
    const line = await readFile(mark, 'utf8')
    await rm(mark)
    const lost = await settle()
    await writeFile(mark, line)

    expect([lost, await settle()]).toEqual(['absent', 'same'])
  })

  test('goes on with a start that was cut off before its mark was written', async () => {
    const { settle, folder } = await newPlace()
    await world.backend.pool.query("insert into file_store (id) values ('fst_begun')")
    await mkdir(folder, { recursive: true })

    expect([await settle(), await settle()]).toEqual(['new', 'same'])
  })

  test('is only looked at by an examination', async () => {
    const { examine, settle } = await newPlace()
    const before = await examine()
    await settle()

    expect([before, await examine()]).toEqual(['new', 'same'])
  })

  test('keeps its mark when it is swept', async () => {
    const { settle, folder, mark } = await newPlace()
    await settle()
    const { database } = world
    const checks = createBlobChecks({
      objects: createObjectDirectory(folder),
      blobs: blobsIn(folder),
      database,
      tenantIds: async () => [],
      spareMs: 0,
    })

    expect(await checks.check({ repair: true, verify: true })).toMatchObject({ findings: [] })
    expect(await readFile(mark, 'utf8')).toMatch(/^fst_/)
  })
})
