import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { CliError, EXIT } from './cli-error.ts'
import type { Client } from './client.ts'
import { connected } from './command-context.ts'
import type { CliDeps } from './deps.ts'
import { insistOnFree } from './insist-on-free.ts'
import { findTenant } from './tenant-api.ts'
import { count, line, size } from './terminal.ts'
import { createTicker } from './ticker.ts'

interface Remains {
  readonly rows: Readonly<Record<string, number>>
  readonly blobs: number
  readonly blob_bytes: number
  readonly jobs: number
}

interface Erasure {
  readonly tenant_id: string
  readonly name: string
  readonly status: 'completed' | 'running'
  readonly before: Remains | null
  readonly recorded_in: string
}

const POLL_MS = 500

export function addErase(tenants: Command, deps: CliDeps): void {
  tenants
    .command('erase <name-or-id>')
    .description('delete everything of a tenant, for good; prints the certificate')
    .requiredOption('--confirm <name>', 'its name, as it is spelled')
    .option('--certificate <file>', 'where to write the certificate instead')
    .action(
      async (
        name: string,
        options: { confirm: string; certificate?: string },
        command: Command,
      ) => {
        if (options.certificate !== undefined)
          await insistOnFree(options.certificate, 'name another file')
        const erasure = await connected(deps, command, async (client) => {
          const { id } = await findTenant(client, name)
          return erase(deps, client, { id, confirm: options.confirm })
        })
        line(deps.stderr, sentenceOf(erasure))
        await hand(deps, erasure, options.certificate)
      },
    )

  tenants
    .command('certificate <id>')
    .description('print the certificate of an erasure, or how it goes; the name is gone by then')
    .action(async (id: string, _options: object, command: Command) => {
      const erasure = await connected(deps, command, (client) =>
        client.send<Erasure>('GET', `${pathOf(id)}/erasure`),
      )
      await hand(deps, erasure)
    })
}

async function erase(
  deps: CliDeps,
  client: Client,
  { id, confirm }: { readonly id: string; readonly confirm: string },
): Promise<Erasure> {
  const ticker = createTicker(deps.stderr)
  const begun = Date.now()
  try {
    const { signal } = deps
    let erasure = await client.send<Erasure>('POST', `${pathOf(id)}/erase`, {
      body: { confirm },
      signal,
    })
    while (erasure.status === 'running') {
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) break
      ticker.tick(`erasing for ${Math.round((Date.now() - begun) / 1000)} s`)
      erasure = await client.send<Erasure>('GET', `${pathOf(id)}/erasure`, { signal })
    }
    if (erasure.status === 'completed') return erasure
  } catch (error) {
    if (!deps.signal.aborted) throw error
  } finally {
    ticker.clear()
  }
  throw new CliError(
    `The erasure goes on without you. \`ragstone tenants certificate ${id}\` says how.`,
    EXIT.interrupted,
  )
}

function sentenceOf({ name, before, recorded_in: recordedIn }: Erasure): string {
  const { rows = {}, blobs = 0, blob_bytes: bytes = 0 }: Partial<Remains> = before ?? {}
  const total = Object.values(rows).reduce((sum, each) => sum + each, 0)
  return `${name} is erased: ${count(total, 'row')}, and ${size(bytes)} in ${count(blobs, 'blob')}. Recorded in the audit log of ${recordedIn}.`
}

async function hand({ stdout }: CliDeps, erasure: Erasure, file?: string): Promise<void> {
  const text = JSON.stringify(erasure, null, 2)
  if (file === undefined) line(stdout, text)
  else await writeFile(file, `${text}\n`, { flag: 'wx' })
}

const pathOf = (id: string) => `/api/tenants/${encodeURIComponent(id)}`
