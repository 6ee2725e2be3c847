import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { connected } from './command-context.ts'
import type { CliDeps } from './deps.ts'
import { findTenant } from './tenant-api.ts'
import { line } from './terminal.ts'

interface Erasure {
  readonly status: 'completed' | 'running'
  readonly recorded_in: string
}

const POLL_MS = 1_000

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
        const certificate = await connected(deps, command, async (client) => {
          const { id } = await findTenant(client, name)
          const path = `/api/tenants/${encodeURIComponent(id)}`
          const body = { confirm: options.confirm }
          let erasure = await client.send<Erasure>('POST', `${path}/erase`, { body })
          while (erasure.status === 'running') {
            if (deps.signal.aborted) throw new CliError('Left to go on without you.')
            await sleep(POLL_MS)
            erasure = await client.send<Erasure>('GET', `${path}/erasure`)
          }
          return erasure
        })
        const text = JSON.stringify(certificate, null, 2)
        if (options.certificate === undefined) line(deps.stdout, text)
        else await writeFile(options.certificate, `${text}\n`, { flag: 'wx' })
      },
    )
}
