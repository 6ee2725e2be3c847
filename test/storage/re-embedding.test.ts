import { expect, onTestFinished, test } from 'vitest'
import { SpaceGone, SpacesChanged } from '../../src/core/embedding-space.ts'
import { createTenantErasures } from '../../src/storage/tenant-erasures.ts'
import { onEveryBackend } from './backends.ts'
import { addStore } from './library.ts'
import { NEW, OLD, openReEmbedding } from './re-embedding.ts'

const BOTH = [OLD, NEW]

onEveryBackend('From one embedding model to another', (world) => {
  const open = async () => {
    const opened = await openReEmbedding(world)
    onTestFinished(() => opened.tidy())
    return opened
  }

  test('every chunk has its vector in both spaces when the new one is ready', async () => {
    const { add, beginBuilding, buildAll, counts } = await open()
    await add(['granite is hard', 'marble is soft'], [OLD])
    await beginBuilding()

    expect(await buildAll()).toBe(true)
    const { chunks, old, made } = await counts()
    expect([old, made]).toEqual([chunks, chunks])
  })

  test('chunks of other tenants are embedded too', async () => {
    const { add, beginBuilding, buildAll, search } = await open()
    const tenantId = await world.newTenant()
    const storeId = await world.database.transact(tenantId, (within) => addStore(within))
    await add(['basalt is black'], [OLD], { tenantId, storeId })
    await beginBuilding()
    await buildAll()

    expect(await search(NEW, 'basalt', { tenantId, storeId })).toMatchObject([
      { text: 'basalt is black', similarity: expect.any(Number) },
    ])
  })

  test('what is indexed while the new space is built goes into both', async () => {
    const { add, beginBuilding, search } = await open()
    await beginBuilding()
    await add(['slate splits'], BOTH)

    expect(await search(OLD, 'slate')).toMatchObject([{ text: 'slate splits' }])
    expect(await search(NEW, 'slate')).toMatchObject([{ text: 'slate splits' }])
  })

  test('whoever has not heard of it is told, and writes nothing', async () => {
    const { add, beginBuilding, counts } = await open()
    await beginBuilding()
    const before = await counts()

    await expect(add(['chalk is white'], [OLD])).rejects.toThrow(SpacesChanged)
    expect(await counts()).toEqual(before)
  })

  test('who was told of one space is waited for before there is another', async () => {
    const { begin, openMigration, work } = await open()
    await begin()
    const holder = await world.backend.pool.connect()
    await holder.query('begin; select from written_spaces()')
    if (world.kind === 'postgres') {
      const building = work.build(await openMigration())
      const first = await Promise.race([building, patience().then(() => 'waits')])
      expect(first).toBe('waits')
      await holder.query('commit')
      expect(await building).toBe(true)
    } else {
      await holder.query('commit')
      expect(await work.build(await openMigration())).toBe(true)
    }
    holder.release()
  })

  test('it is not ready while a chunk lacks its vector', async () => {
    const { add, beginBuilding, openMigration, work } = await open()
    await add(['flint is sharp'], [OLD])
    await beginBuilding()

    expect(await work.finish(await openMigration())).toBe(false)
    expect((await openMigration()).status).toBe('building')
  })

  test('nobody cuts over to what is not ready', async () => {
    const { add, beginBuilding, step } = await open()
    await add(['gneiss is banded'], [OLD])
    await beginBuilding()

    await expect(step('cutOver')).rejects.toMatchObject({ code: 'conflict' })
  })

  test('a document that is deleted meanwhile is in neither', async () => {
    const { add, beginBuilding, documents, search, storeId, tenantId } = await open()
    await beginBuilding()
    const fileId = await add(['coal burns'], BOTH)
    await world.database.transact(tenantId, (within) => documents.remove(within, storeId, fileId))

    expect([...(await search(OLD, 'coal')), ...(await search(NEW, 'coal'))]).toEqual([])
  })

  test('a chunk that is edited while its vector is made keeps the vector of its new text', async () => {
    const { add, beginBuilding, chunks, missing, search, spaceOf, tenantId, vectorsBy } =
      await open()
    await add(['salt is white'], [OLD])
    await beginBuilding()
    const space = (await spaceOf(NEW)) ?? ''
    const { database } = world
    const [read] = await database.transact(tenantId, (within) =>
      missing.next(within, { space, behind: null, limit: 1 }),
    )
    const id = read?.id ?? ''
    const stale = await NEW.embed([read?.text ?? ''], { kind: 'passage' })
    const before = await database.transact(tenantId, (within) => chunks.get(within, id))
    if (before === null) throw new Error('There is no chunk.')
    const chunk = { ...before, text: 'pepper is black', originText: before.text }
    await database.transact(tenantId, async (within) =>
      chunks.replace(within, before, { chunk, vectors: await vectorsBy(BOTH, [chunk]) }),
    )

    const filled = await database.transact(tenantId, (within) =>
      missing.fill(within, { space, ids: [id], vectors: stale }),
    )
    expect(filled).toBe(0)
    const [found] = await search(NEW, 'pepper is black')
    expect(found).toMatchObject({ chunkId: id, similarity: expect.closeTo(1, 2) })
  })

  test('a chunk that is disabled meanwhile is in neither, and comes back to both', async () => {
    const { add, beginBuilding, chunks, search, tenantId, vectorsBy } = await open()
    await beginBuilding()
    await add(['tar is sticky'], BOTH)
    const [found] = await search(NEW, 'tar')
    const { database } = world
    const switchTo = async (disabledAt: Date | null) => {
      const before = await database.transact(tenantId, (within) =>
        chunks.get(within, found?.chunkId ?? ''),
      )
      if (before === null) throw new Error('There is no chunk.')
      const chunk = { ...before, disabledAt }
      const vectors = disabledAt === null ? await vectorsBy(BOTH, [chunk]) : new Map()
      await database.transact(tenantId, (within) =>
        chunks.replace(within, before, { chunk, vectors }),
      )
      return [(await search(OLD, 'tar')).length, (await search(NEW, 'tar')).length]
    }

    expect(await switchTo(new Date())).toEqual([0, 0])
    expect(await switchTo(null)).toEqual([1, 1])
  })

  test('a turn that ends goes on behind its last chunk, in another job', async () => {
    const { add, beginBuilding, reEmbed, tenantId } = await open()
    await add(
      Array.from({ length: 100 }, (_, place) => `pebble ${place}`),
      [OLD],
    )
    const { id: migrationId } = await beginBuilding()
    const { run, sent } = reEmbed([NEW], 0)

    expect(await run({ tenantId, migrationId, behind: null })).toBe('settled')
    expect(sent).toEqual([{ tenantId, migrationId, behind: expect.stringMatching(/^\d+$/) }])
  })

  test('a limited rate tells the second turn to wait', async () => {
    const { beginBuilding, missing, tenantId } = await open()
    await beginBuilding(64)
    const turn = () => world.database.transact(tenantId, (within) => missing.turn(within, 64))

    expect(await turn()).toMatchObject({ waitMs: 0 })
    const next = await turn()
    expect(next?.waitMs).toBeGreaterThan(0)
    expect(next?.waitMs).toBeLessThanOrEqual(1_000)
  })

  test('a worker without the model leaves the job to another', async () => {
    const { add, beginBuilding, reEmbed, tenantId } = await open()
    await add(['sand is fine'], [OLD])
    const { id: migrationId } = await beginBuilding()

    await expect(reEmbed([OLD]).run({ tenantId, migrationId, behind: null })).rejects.toMatchObject(
      { code: 'provider_unavailable', retryAfterMs: expect.any(Number) },
    )
  })

  test('cut over, the new one serves; rolled back, the old one, with what came meanwhile', async () => {
    const { add, beginBuilding, buildAll, search, step, work } = await open()
    await beginBuilding()
    await buildAll()
    await step('cutOver')
    expect((await work.state()).serving?.model).toBe(NEW.id)
    await add(['quartz is clear'], BOTH)

    await step('rollBack')
    expect((await work.state()).serving?.model).toBe(OLD.id)
    expect(await search(OLD, 'quartz')).toMatchObject([{ text: 'quartz is clear' }])
  })

  test('rolled back, it may be cut over again, with what came meanwhile', async () => {
    const { add, beginBuilding, buildAll, search, step } = await open()
    await beginBuilding()
    await buildAll()
    await step('cutOver')
    await step('rollBack')
    await add(['topaz is yellow'], BOTH)
    await step('cutOver')

    expect(await search(NEW, 'topaz')).toMatchObject([{ text: 'topaz is yellow' }])
  })

  test('cancelled while it is built, the new vectors are gone and the old ones serve', async () => {
    const { add, beginBuilding, search, spaceOf, step, work } = await open()
    await beginBuilding()
    await add(['opal is milky'], BOTH)
    await step('cancel')

    expect(await work.dropDoomed()).toBe(true)
    expect(await spaceOf(NEW)).toBe(null)
    expect(await search(OLD, 'opal')).toMatchObject([{ text: 'opal is milky' }])
    await expect(search(NEW, 'opal')).rejects.toThrow(SpaceGone)
  })

  test('cancelled after the cut-over, the old one serves first', async () => {
    const { beginBuilding, buildAll, step, work } = await open()
    await beginBuilding()
    await buildAll()
    await step('cutOver')
    await step('cancel')

    expect((await work.state()).serving?.model).toBe(OLD.id)
  })

  test('a job of a migration that was cancelled has nothing to do', async () => {
    const { add, beginBuilding, reEmbed, step, tenantId } = await open()
    await add(['ash is grey'], [OLD])
    const { id: migrationId } = await beginBuilding()
    await step('cancel')

    const { run } = reEmbed([NEW])
    expect(await run({ tenantId, migrationId, behind: null })).toBe('withdrawn')
  })

  test('the rows of an erased tenant are in neither space', async () => {
    const { add, beginBuilding, counts } = await open()
    await beginBuilding()
    const before = await counts()
    const tenantId = await world.newTenant()
    const storeId = await world.database.transact(tenantId, (within) => addStore(within))
    await add(['amber is warm'], BOTH, { tenantId, storeId })
    const erasures = createTenantErasures(world.backend.pool)
    for (const table of await erasures.tables())
      await world.database.transact(tenantId, (within) => erasures.deleteRows(within, table, 1_000))

    expect(await counts()).toEqual(before)
  })

  test('one migration at a time', async () => {
    const { begin } = await open()
    await begin()

    await expect(begin()).rejects.toMatchObject({ code: 'conflict' })
  })

  test('another model in the configuration changes nothing where there are chunks', async () => {
    const { add, work } = await open()
    await add(['jade is green'], [OLD])
    const { settleServingSpace } = await import('../../src/storage/serving-space.ts')
    await settleServingSpace(world.backend.pool, { model: NEW.id, dimensions: NEW.dimensions })

    expect((await work.state()).serving?.model).toBe(OLD.id)
  })

  // The last one: no way back.
  test('dropped, the old vectors are gone and the new ones serve', async () => {
    const { add, beginBuilding, buildAll, search, spaceOf, step, work } = await open()
    await beginBuilding()
    await buildAll()
    await step('cutOver')
    await step('dropOld')

    expect(await work.dropDoomed()).toBe(true)
    expect(await spaceOf(OLD)).toBe(null)
    await add(['ruby is red'], [NEW])
    expect(await search(NEW, 'ruby')).toMatchObject([{ text: 'ruby is red' }])
  })
})

const patience = () => new Promise((resolve) => setTimeout(resolve, 300))
