import { listAll } from './api.ts'
import { CliError } from './cli-error.ts'
import { collect, connected, examples, type AddCommand } from './command-context.ts'
import { addErase } from './erase-tenant.ts'
import { addExport } from './export-tenant.ts'
import { findTenant, type OwnLimits, type Tenant, type TenantInUse } from './tenant-api.ts'
import { jsonLine, line, moment, size, table } from './terminal.ts'

interface Change {
  readonly name?: string
  readonly tier?: string
  readonly limit?: readonly string[]
  readonly auditQuestions?: 'off' | 'on'
}

/** For whoever runs the server: the tenants from above. */
export const addTenants: AddCommand = (program, deps) => {
  const tenants = program
    .command('tenants')
    .description('make, limit, suspend, export and erase tenants')
    .addHelpText(
      'after',
      examples(
        'ragstone tenants create acme --tier pro',
        'ragstone tenants set acme --limit files=500 --limit chunks=none',
        'ragstone --tenant acme ingest ~/papers',
      ),
    )

  tenants
    .command('list', { isDefault: true })
    .description('list the tenants')
    .option('--json', 'one JSON object a line')
    .action(async ({ json }: { json?: true }, command) => {
      const all = await connected(deps, command, (client) =>
        Array.fromAsync(listAll<Tenant>(client, '/api/tenants')),
      )
      if (json) for (const tenant of all) jsonLine(deps.stdout, tenant)
      else table(deps.stdout, ['ID', 'STATUS', 'TIER', 'CREATED', 'NAME'], all.map(rowOf))
    })

  tenants
    .command('create <name>')
    .description('make a tenant; the key of its first admin is shown this once')
    .option('--tier <name>', 'one of the configuration; its default otherwise')
    .option('--limit <name=number>', 'in place of the tier’s; may be repeated', collect)
    .option('--json', 'as JSON')
    .action(async (name: string, options: Change & { json?: true }, command) => {
      const { tier, limit = [] } = options
      const limits = limit.reduce(withLimit, {})
      const body = { name, limits, ...(tier === undefined ? {} : { tier }) }
      const made = await connected(deps, command, (client) =>
        client.send<Tenant & { readonly key: string }>('POST', '/api/tenants', { body }),
      )
      if (options.json) jsonLine(deps.stdout, made)
      else line(deps.stdout, `${made.id}\n${made.key}`)
      line(deps.stderr, 'Keep the key: only its hash is stored, and it is not shown again.')
    })

  tenants
    .command('show <name-or-id>')
    .description('show a tenant: its limits and what it uses of them')
    .option('--json', 'as JSON')
    .action(async (name: string, { json }: { json?: true }, command) => {
      const tenant = await connected(deps, command, (client) => findTenant(client, name))
      if (json) jsonLine(deps.stdout, tenant)
      else show(deps.stdout, tenant)
    })

  tenants
    .command('set <name-or-id>')
    .description('change a tenant')
    .option('--name <name>', 'its new name')
    .option('--tier <name>', 'one of the configuration')
    .option(
      '--limit <name=number>',
      'its own limit; `none` lifts it, `tier` takes the tier’s again; may be repeated',
      collect,
    )
    .option('--audit-questions <on|off>', 'whether the audit log keeps the words of questions')
    .action(async (name: string, change: Change, command) => {
      await connected(deps, command, async (client) => {
        const { id, limits } = await findTenant(client, name)
        const body = changeOf(change, limits)
        const path = `/api/tenants/${encodeURIComponent(id)}`
        show(deps.stdout, await client.send<TenantInUse>('POST', path, { body }))
      })
    })

  addExport(tenants, deps)
  addErase(tenants, deps)

  for (const [verb, description] of [
    ['suspend', 'refuse its requests and let its ingestion wait; nothing is lost'],
    ['resume', 'serve it again'],
  ] as const) {
    tenants
      .command(`${verb} <name-or-id>`)
      .description(description)
      .action(async (name: string, _options: object, command) => {
        await connected(deps, command, async (client) => {
          const { id } = await findTenant(client, name)
          const path = `/api/tenants/${encodeURIComponent(id)}/${verb}`
          const { status } = await client.send<Tenant>('POST', path)
          line(deps.stdout, `${id} is ${status}`)
        })
      })
  }
}

function rowOf({ id, status, tier, created_at, name }: Tenant): readonly string[] {
  return [id, status, tier, moment(created_at), name]
}

function show(stdout: NodeJS.WritableStream, tenant: TenantInUse): void {
  const { used, limits, effective_limits: effective, settings } = tenant
  const usage: Readonly<Record<string, number | undefined>> = used
  const facts = [
    ['id', tenant.id],
    ['name', tenant.name],
    ['status', tenant.status],
    ['tier', tenant.tier],
    ['created', moment(tenant.created_at)],
    ['audit of questions', settings.audit_questions ? 'with their words' : 'without their words'],
  ]
  for (const [name = '', value = ''] of facts) line(stdout, `${name.padEnd(20)} ${value}`)
  line(stdout)
  table(
    stdout,
    ['LIMIT', 'MOST', 'USED', 'FROM'],
    Object.entries(effective).map(([name, most]) => [
      name,
      shown(name, most),
      usage[name] === undefined ? '' : shown(name, usage[name]),
      name in limits ? 'tenant' : 'tier',
    ]),
  )
}

function shown(name: string, value: number | null): string {
  if (value === null) return 'none'
  return name === 'stored_bytes' ? size(value) : String(value)
}

function changeOf(change: Change, limits: OwnLimits): object {
  const { name, tier, limit, auditQuestions } = change
  if (auditQuestions !== undefined && auditQuestions !== 'on' && auditQuestions !== 'off')
    throw new CliError('--audit-questions must be on or off.')
  return {
    ...(name === undefined ? {} : { name }),
    ...(tier === undefined ? {} : { tier }),
    ...(limit === undefined ? {} : { limits: limit.reduce(withLimit, limits) }),
    ...(auditQuestions === undefined
      ? {}
      : { settings: { audit_questions: auditQuestions === 'on' } }),
  }
}

/** `files=500`, `files=none` for no limit, `files=tier` for the tier's. */
function withLimit(limits: OwnLimits, text: string): OwnLimits {
  const [, name = '', value = ''] = /^([a-z_]+)=(\d+(?:\.\d+)?|-\d+|none|tier)$/.exec(text) ?? []
  if (name === '')
    throw new CliError(`--limit must look like files=500, files=none or files=tier, not ${text}.`)
  const { [name]: _before, ...others } = limits
  if (value === 'tier') return others
  return { ...others, [name]: value === 'none' ? null : Number(value) }
}
