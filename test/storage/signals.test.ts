import { expect, onTestFinished, test, vi } from 'vitest'
import type { Signal } from '../../src/core/ports/signals.ts'
import { openSignals } from '../../src/storage/signals.ts'
import { onEveryBackend } from './backends.ts'

const soon = { timeout: 20_000, interval: 20 }
const cancelled = (jobId: string): Signal => ({ type: 'job-cancelled', jobId })

onEveryBackend('signals', (world) => {
  const open = () => {
    const signals = openSignals(world.backend)
    const heard: Signal[] = []
    signals.listen((signal) => heard.push(signal))
    onTestFinished(() => signals.close())
    return { signals, heard }
  }

  test('what is announced is heard when the transaction is committed', async () => {
    const { signals, heard } = open()
    const tenantId = await world.newTenant()
    // Whoever begins to listen is told to look once.
    if (world.kind === 'postgres') await vi.waitFor(() => expect(heard).toHaveLength(1), soon)
    await world.database.transact(tenantId, async (transaction) =>
      signals.announce(transaction, cancelled('one')),
    )

    await vi.waitFor(() => expect(heard).toContainEqual(cancelled('one')), soon)
  })

  test('whoever has stopped listening hears nothing', async () => {
    const { signals } = open()
    const heard: Signal[] = []
    const stop = signals.listen((signal) => heard.push(signal))
    stop()
    await world.database.transact(await world.newTenant(), async (transaction) =>
      signals.announce(transaction, cancelled('two')),
    )
    await new Promise((resolve) => setTimeout(resolve, 300))

    expect(heard).toEqual([])
  })

  test.runIf(world.kind === 'postgres')(
    'other processes hear it, and none of what was rolled back',
    async () => {
      const [sender, receiver] = [open(), open()]
      await vi.waitFor(() => expect(receiver.heard).toHaveLength(1), soon)
      const tenantId = await world.newTenant()
      const refused = world.database.transact(tenantId, async (transaction) => {
        sender.signals.announce(transaction, cancelled('rolled back'))
        throw new Error('no')
      })
      await expect(refused).rejects.toThrow('no')
      await world.database.transact(tenantId, async (transaction) =>
        sender.signals.announce(transaction, cancelled('kept')),
      )

      await vi.waitFor(() => expect(receiver.heard).toContainEqual(cancelled('kept')), soon)
      expect(receiver.heard).not.toContainEqual(cancelled('rolled back'))
    },
  )

  test.runIf(world.kind === 'postgres')(
    'a connection that is lost is made again, and its listener told to look',
    async () => {
      const { heard } = open()
      await vi.waitFor(() => expect(heard).toHaveLength(1), soon)
      await world.backend.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and query like 'listen %'`,
      )

      await vi.waitFor(() => expect(heard.length).toBeGreaterThan(1), soon)
    },
  )
})
