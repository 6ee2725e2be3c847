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
  { stopped = false }: { readonly stopped?: boolean } = {},
): Promise<{ ingested: number; givenUp: unknown[]; thrown: unknown }> {
  let ingested = 0
  const givenUp: unknown[] = []
  const handle = handleIngestDocument({
    ingest: () => {
      ingested += 1
      return Promise.reject(outage)
    },
    giveUp: async (_, error) => void givenUp.push(error),
    tenantDirectory: { requireActive: async () => SERVED },
  })
  const signal = stopped ? AbortSignal.abort() : new AbortController().signal
  const thrown: unknown = await handle(job, signal, {
    number: 1,
    last: false,
    exhausted: false,
    ...attempt,
  }).catch((error: unknown) => error)
  return { ingested, givenUp, thrown }
}

test('an attempt that is not the last only fails', async () => {
  expect(await outcomeOf({ last: false })).toEqual({ ingested: 1, givenUp: [], thrown: outage })
})

test('the last attempt writes its failure on the document, and still fails', async () => {
  expect(await outcomeOf({ last: true })).toEqual({
    ingested: 1,
    givenUp: [outage],
    thrown: outage,
  })
})

test('a worker that stops during the last attempt gives nothing up', async () => {
  expect((await outcomeOf({ last: true }, { stopped: true })).givenUp).toEqual([])
})

test('a job that outlived its workers is given up without being tried', async () => {
  const { ingested, givenUp } = await outcomeOf({ last: true, exhausted: true })
  expect(ingested).toBe(0)
  expect(givenUp).toEqual([new Error('Every attempt was cut short by the end of its worker.')])
})
