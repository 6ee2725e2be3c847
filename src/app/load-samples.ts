import { createHash } from 'node:crypto'
import { glob, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { SingleBar } from 'cli-progress'
import { createId } from '../core/id.ts'
import type { Services } from './compose.ts'

const STORE = 'Ragstone documentation'
const ROOT = new URL('../../', import.meta.url)
const PAGES = ['README.md', 'docs/*.md', 'docs/decisions/*.md']

/**
 * Our own documentation as a library to try, made at the first start. Later starts bring it up to date, which costs
 * nothing where no page has changed; a library that was deleted stays deleted.
 */
export async function loadSamples(
  services: Services,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const storeId = await findStore(services)
  if (storeId === null) return
  const { owner, submission } = services
  for await (const page of glob(PAGES, { cwd: ROOT.pathname })) {
    if (signal.aborted) return
    const content = await readFile(new URL(page, ROOT))
    if (await isUpToDate(services, { storeId, page, content })) continue
    const upload = { filename: page, purpose: 'assistants', content, expiresAt: null }
    const { id: fileId } = await submission.upload(owner.tenantId, upload)
    await submission.addToStore(owner.tenantId, {
      vectorStoreId: storeId,
      fileId,
      attributes: {},
      chunkSize: null,
      sourceKey: page,
      batchId: null,
      priority: 'batch',
    })
  }
  await showProgress(services, storeId, signal)
}

async function findStore({
  database,
  vectorStores,
  owner,
  first,
}: Services): Promise<string | null> {
  return database.transact(owner.tenantId, async (transaction) => {
    const found = await vectorStores.findByName(transaction, STORE)
    if (found !== null || !first) return found?.id ?? null
    const id = createId('vs_')
    await vectorStores.insert(transaction, {
      id,
      name: STORE,
      metadata: {},
      createdAt: new Date(),
      expiresAfterDays: null,
      chunkSize: null,
    })
    return id
  })
}

async function isUpToDate(
  { database, documents, owner }: Services,
  { storeId, page, content }: { storeId: string; page: string; content: Buffer },
): Promise<boolean> {
  const known = await database.transact(owner.tenantId, (transaction) =>
    documents.findBySourceKey(transaction, storeId, page),
  )
  return known?.fileSha256 === createHash('sha256').update(content).digest('hex')
}

async function showProgress(
  services: Services,
  storeId: string,
  signal: AbortSignal,
): Promise<void> {
  const { database, documents, owner } = services
  const read = () =>
    database.transact(owner.tenantId, (transaction) =>
      documents.progress(transaction, storeId, null),
    )
  let { files, chunks } = await read()
  if (files.done + files.failed === files.total) return
  const bar = new SingleBar({
    format: 'Loading the sample library {bar} {value} of {total} pages, {chunks} passages',
    stream: process.stdout,
    noTTYOutput: true,
    notTTYSchedule: 1_000,
  })
  bar.start(files.total, files.done, { chunks: chunks.done })
  while (files.done + files.failed < files.total && !signal.aborted) {
    await sleep(150, undefined, { signal }).catch(() => {})
    ;({ files, chunks } = await read())
    bar.update(files.done + files.failed, { chunks: chunks.done })
  }
  bar.stop()
}
