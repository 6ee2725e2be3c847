import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import type { Command } from 'commander'
import type { ExportManifest } from '../tenancy/export/manifest.ts'
import { verifyExport, type VerifiedExport } from '../tenancy/export/verify-export.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { connected, examples } from './command-context.ts'
import type { CliDeps } from './deps.ts'
import { insistOnFree } from './insist-on-free.ts'
import { tenantId, type Tenant } from './tenant-api.ts'
import { count, jsonLine, line, moment, paint, size } from './terminal.ts'
import { createTicker } from './ticker.ts'

interface Options {
  readonly to?: string
  readonly force?: true
  readonly json?: true
}

export function addExport(tenants: Command, deps: CliDeps): void {
  tenants
    .command('export [name-or-id]')
    .description('write everything of a tenant but its secrets into a file, and verify it')
    .option('--to <file>', 'where to (default: <id>-<day>.tar.gz in this folder)')
    .option('--force', 'replace a file that is there')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        'ragstone tenants export acme --to acme.tar.gz',
        'ragstone tenants verify-export acme.tar.gz',
      ),
    )
    .action(async (name: string | undefined, options: Options, command: Command) => {
      const file = await connected(deps, command, async (client) => {
        const id = name === undefined ? await ownId(client) : await tenantId(client, name)
        const to = options.to ?? `${id}-${new Date().toISOString().slice(0, 10)}.tar.gz`
        if (!options.force) await insistOnFree(to, 'name another with --to, or say --force')
        return download(deps, client, { id, to })
      })
      tell(deps, file, options)
    })

  tenants
    .command('verify-export <file>')
    .description('look whether an export is whole, and as it was written; needs no server')
    .option('--json', 'as JSON')
    .action(async (file: string, options: Options) => {
      const ticker = createTicker(deps.stderr)
      try {
        const verified = await verify(file, (path) => ticker.tick(`verifying ${path}`))
        ticker.clear()
        tell(deps, { file, ...verified }, options)
      } finally {
        ticker.clear()
      }
    })
}

interface Exported extends VerifiedExport {
  readonly file: string
  readonly fileBytes: number
  readonly fileSha256: string
}

async function ownId(client: Client): Promise<string> {
  return (await client.send<Tenant>('GET', '/api/tenant')).id
}

/** Nothing bears the name before all of it is there, on disk and as the server wrote it. */
async function download(
  deps: CliDeps,
  client: Client,
  { id, to }: { readonly id: string; readonly to: string },
): Promise<Exported> {
  const draft = `${to}.${randomUUID().slice(0, 8)}.part`
  const ticker = createTicker(deps.stderr)
  try {
    const path = `/api/tenants/${encodeURIComponent(id)}/export`
    const file = await open(draft, 'wx', 0o600)
    try {
      let bytes = 0
      for await (const part of client.download(path, { signal: deps.signal })) {
        await file.write(part)
        bytes += part.length
        ticker.tick(`received ${size(bytes)}`)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    const verified = await verify(draft, (entry) => ticker.tick(`verifying ${entry}`))
    if (verified.faults.length === 0) await rename(draft, to)
    return { ...verified, file: to }
  } finally {
    ticker.clear()
    await rm(draft, { force: true })
  }
}

async function verify(
  path: string,
  onEntry: (path: string) => void,
): Promise<VerifiedExport & Pick<Exported, 'fileBytes' | 'fileSha256'>> {
  const hash = createHash('sha256')
  let fileBytes = 0
  const content = createReadStream(path)
  content.on('data', (part) => {
    hash.update(part)
    fileBytes += part.length
  })
  try {
    const verified = await verifyExport(content, onEntry)
    return { ...verified, fileBytes, fileSha256: hash.digest('hex') }
  } catch (error) {
    const isMissing = error instanceof Error && codeOf(error) === 'ENOENT'
    throw new CliError(isMissing ? `There is no file ${path}.` : `${path}: ${sentenceOf(error)}`)
  }
}

function tell({ stdout, stderr }: CliDeps, exported: Exported, { json }: Options): void {
  const { file, manifest, faults, fileBytes } = exported
  if (json) jsonLine(stdout, summaryOf(exported))
  else {
    const rows = Object.values(manifest.tables).reduce((sum, table) => sum + table.rows, 0)
    const held = `${count(rows, 'row')} of ${count(Object.keys(manifest.tables).length, 'table')}, ${count(manifest.files.count, 'file')}`
    const made = moment(Date.parse(manifest.made_at) / 1000)
    line(stdout, `${file}: ${manifest.tenant.name} (${manifest.tenant.id}) of ${made}`)
    line(stdout, `${held}, ${size(fileBytes)}`)
  }
  for (const { path, why } of manifest.incomplete) {
    line(stderr, `${paint(stderr, 'yellow', WHY[why])} ${path}`)
  }
  for (const fault of faults) line(stderr, `${paint(stderr, 'red', 'fault')} ${fault}`)
  if (faults.length > 0) throw new CliError(`${file} is not as it was written.`)
  const lacking = manifest.incomplete.filter(({ why }) => why !== 'deleted').length
  if (lacking > 0) {
    throw new CliError(
      `The archive is whole, but the server no longer has ${count(lacking, 'file')} as it was: see above.`,
    )
  }
  if (!json)
    line(stdout, paint(stdout, 'green', 'Verified: all of it is there, as it was written.'))
}

const WHY = {
  damaged: 'damaged on the server:',
  deleted: 'deleted meanwhile:',
  missing: 'missing on the server:',
} as const satisfies Record<ExportManifest['incomplete'][number]['why'], string>

function summaryOf({ file, fileBytes, fileSha256, manifestSha256, manifest, faults }: Exported) {
  return {
    file,
    bytes: fileBytes,
    sha256: fileSha256,
    manifest_sha256: manifestSha256,
    is_whole: faults.length === 0,
    faults,
    manifest,
  }
}

const codeOf = (error: Error) => ('code' in error ? error.code : codeOfCause(error))
const codeOfCause = ({ cause }: Error) =>
  cause instanceof Error && 'code' in cause ? cause.code : undefined
const sentenceOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
