import { expect, test } from 'vitest'
import { AppError } from '../core/errors.ts'
import type { Attempt } from '../core/ports/queue.ts'
import { DEFAULT_TENANT_SETTINGS, type Tenant } from '../core/tenant.ts'
import { handleIngestDocument } from './ingest-document.ts'

const SERVED: Tenant = {
  id: 'ten_1',
  name: 'one',
  status: 'active',
  tier: 'free',
  limits: {},
  settings: DEFAULT_TENANT_SETTINGS,
  createdAt: new Date(0),
}
const job = { tenantId: 'ten_1', vectorStoreId: 'vs_1', fileId: 'file-1' }
const outage = new AppError('provider_unavailable', 'The service does not answer.')

async function outcomeOf(
  attempt: Partial<Attempt>,
): Promise<{ ingested: number; givenUp: unknown[]; thrown: unknown }> {
  let ingested = 0
  const givenUp: unknown[] = []
  const handle = handleIngestDocument({
    ingest: () => {
      ingested += 1
      return Promise.reject(outage)
    },
    giveUp: async (_, error) => {
      givenUp.push(error)
      return 'settled'
    },
    tenantDirectory: { requireActive: async () => SERVED },
  })
  const { signal } = new AbortController()
  const { last = false } = attempt
  const thrown: unknown = await handle(job, signal, {
    number: 1,
    last,
    exhausted: false,
    endsWith: () => last,
    complete: async () => undefined,
    bury: async () => undefined,
    ...attempt,
  }).then(
    () => null,
    (error: unknown) => error,
  )
  return { ingested, givenUp, thrown }
}

test('an attempt that is not the last only fails', async () => {
  expect(await outcomeOf({ last: false })).toEqual({ ingested: 1, givenUp: [], thrown: outage })
})

test('the last attempt writes its failure on the document, and is settled with it', async () => {
  expect(await outcomeOf({ last: true })).toEqual({ ingested: 1, givenUp: [outage], thrown: null })
})

test('a last attempt that a passing failure does not end gives nothing up', async () => {
  const { givenUp, thrown } = await outcomeOf({ last: true, endsWith: () => false })
  expect(givenUp).toEqual([])
  expect(thrown).toBe(outage)
})

test('a job that outlived its workers is given up without being tried', async () => {
  const { ingested, givenUp } = await outcomeOf({ last: true, exhausted: true })
  expect(ingested).toBe(0)
  expect(givenUp).toEqual([expect.objectContaining({ code: 'worker_lost' })])
})
