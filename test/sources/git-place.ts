import { lookup } from 'node:dns'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ListOptions, SourceItem } from '../../src/core/ports/source-kind.ts'
import { createGitKind } from '../../src/sources/git/git-kind.ts'
import type { GitCredentials, GitSettings } from '../../src/sources/git/git-settings.ts'
import type { GitKindOptions } from '../../src/sources/git/list-repository.ts'
import { GIT_ENVIRONMENT } from './git-server.ts'

const EVERYWHERE = { refusal: () => null, lookup }

export const createKind = (folder: string, options: Partial<GitKindOptions> = {}) =>
  createGitKind({
    folder,
    environment: GIT_ENVIRONMENT,
    reach: EVERYWHERE,
    timeoutMs: 60_000,
    maxFileBytes: 10_000,
    maxEntries: 100_000,
    ...options,
  })

/** For one test: a folder for copies. */
export async function makeCopiesFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-git-copies-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export interface GitListing extends Partial<ListOptions> {
  readonly credentials?: GitCredentials
  readonly options?: Partial<GitKindOptions>
  readonly folder?: string
}

/** Items as they come. */
export async function* eachItem(
  settings: GitSettings,
  { credentials, options = {}, folder, ...wanted }: GitListing = {},
): AsyncGenerator<SourceItem> {
  const kind = createKind(folder ?? (await makeCopiesFolder()), options)
  const source = kind.open(settings, credentials ?? null)
  try {
    yield* source.list({
      keys: null,
      known: async () => null,
      signal: new AbortController().signal,
      ...wanted,
    })
  } finally {
    await source.close()
  }
}

export async function textOf(item: SourceItem): Promise<string> {
  if (item.type !== 'document') return item.type
  const content = await item.read()
  if (content.type !== 'content') return content.type
  return Buffer.concat(await Array.fromAsync(content.content)).toString()
}

/** By key: the text of a document, the reason of what is skipped. */
export async function readAll(
  settings: GitSettings,
  listing: GitListing = {},
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {}
  for await (const item of eachItem(settings, listing)) {
    found[item.key] =
      item.type === 'skipped'
        ? item.reason
        : await textOf(item).catch((error: unknown) => String(Object(error).code))
  }
  return found
}
