import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createLocalLeases } from './local-leases.ts'
import { createStreamCap } from './stream-cap.ts'

const stream = (id: string, limit: number | null = 1) => ({ of: 'key:a', id, limit })

test('one too many is refused, and told to come back', async () => {
  const cap = createStreamCap({ leases: createLocalLeases() })
  await cap.open(stream('1'))

  await expect(cap.open(stream('2'))).rejects.toMatchObject({
    code: 'rate_limited',
    retryAfterMs: 2_000,
  })
})

test('one that ends makes room for another', async () => {
  const cap = createStreamCap({ leases: createLocalLeases() })
  const end = await cap.open(stream('1'))
  end()

  await expect(cap.open(stream('2'))).resolves.toBeTypeOf('function')
})

test('without a limit any number is open', async () => {
  const cap = createStreamCap({ leases: createLocalLeases() })
  const opened = await Promise.all(['1', '2', '3'].map((id) => cap.open(stream(id, null))))

  expect(opened).toHaveLength(3)
})

test('a stream that goes on keeps its place', async () => {
  const cap = createStreamCap({ leases: createLocalLeases(), renewEveryMs: 10 })
  const end = await cap.open(stream('1'))
  await sleep(60)

  await expect(cap.open(stream('2'))).rejects.toMatchObject({ code: 'rate_limited' })
  end()
})

test('what a process held that was killed is free after a while', async () => {
  const leases = createLocalLeases()
  const killed = { ...leases, renew: async () => undefined }
  await createStreamCap({ leases: killed, renewEveryMs: 10 }).open(stream('1'))
  await sleep(40)

  await expect(createStreamCap({ leases }).open(stream('2'))).resolves.toBeTypeOf('function')
})
