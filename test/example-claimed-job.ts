import type { ClaimedJob } from '../src/queue/job-row.ts'

export const BAKE = {
  name: 'bake',
  keyOf: () => 'cake',
  retryLimit: 8,
  retryDelaySeconds: 5,
  retryDelayMaxSeconds: 600,
}

/** A job of the kind `BAKE`, in its first attempt. */
export function exampleClaimedJob(fields: Partial<ClaimedJob> = {}): ClaimedJob {
  return {
    id: '1',
    name: BAKE.name,
    data: { tenantId: 'ten_1' },
    retryCount: 0,
    retryLimit: BAKE.retryLimit,
    createdOn: new Date(),
    output: null,
    ...fields,
  }
}
