import {
  blobCheck,
  blobEncryption,
  blobReport,
  blobRewrap,
  type WireBlobReport,
} from '../../../contract/blob.ts'
import { AppError } from '../../../core/errors.ts'
import type { BlobReport } from '../../../core/ports/blob-checks.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'

const TAGS = ['Files at rest']

/** For whoever runs the server: they look at every tenant. */
export function blobRoutes(app: Routes, { blobChecks, dataKeys }: RouteDeps): void {
  app.post(
    '/api/blobs/check',
    {
      schema: {
        tags: TAGS,
        summary: 'Check the files at rest',
        description:
          'Compares what is kept with what the database refers to, over all tenants. It answers when it is done.',
        body: blobCheck,
        response: { 200: blobReport },
      },
      config: { scope: 'operator', failures: [503] },
    },
    async ({ body, audited }) => {
      const { repair = false, verify = false } = body
      const report = await blobChecks.check({ repair, verify })
      Object.assign(audited.detail, { repair, verify, removed: report.removed })
      return wireReport(report)
    },
  )

  app.get(
    '/api/blobs/encryption',
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve how files are encrypted',
        response: { 200: blobEncryption },
      },
      config: { scope: 'operator' },
    },
    async () => ({
      object: 'blobs.encryption' as const,
      enabled: dataKeys !== null,
      master_keys: [...((await dataKeys?.uses()) ?? [])],
    }),
  )

  app.post(
    '/api/blobs/rewrap',
    {
      schema: {
        tags: TAGS,
        summary: 'Wrap all keys by the current master key',
        description:
          'The last step of a change of master keys. Files are not touched: only the keys of tenants are wrapped anew.',
        response: { 200: blobRewrap },
      },
      config: { scope: 'operator', failures: [409] },
    },
    async ({ audited }) => {
      if (dataKeys === null) {
        throw new AppError('conflict', 'Files are not encrypted: blobs.master_key is not set.')
      }
      const { rewrapped, masterKeys } = await dataKeys.rewrap()
      Object.assign(audited.detail, { rewrapped })
      return { object: 'blobs.rewrap' as const, rewrapped, master_keys: [...masterKeys] }
    },
  )
}

function wireReport(report: BlobReport): WireBlobReport {
  const { tenants, objects, bytes, verified, counts, removed, removedBytes, findings } = report
  return {
    object: 'blobs.report',
    tenants,
    objects,
    bytes,
    verified,
    damaged: counts.damaged,
    missing: counts.missing,
    orphans: counts.orphan,
    strays: counts.stray,
    removed,
    removed_bytes: removedBytes,
    findings: findings.map(({ tenantId, ...finding }) => ({ ...finding, tenant_id: tenantId })),
  }
}
