import type { Command } from 'commander'
import { findPerson, listAll, type Person } from './api.ts'
import { connected, examples, type AddCommand } from './command-context.ts'
import type { CliDeps } from './deps.ts'
import { wholeNumber } from './numbers.ts'
import { jsonLine, line, moment, table } from './terminal.ts'

interface Shown {
  readonly json?: true
}
interface InviteOptions extends Shown {
  readonly role: string
  readonly expiresInDays?: number
}
interface Secret {
  readonly secret: string
  readonly expires_at: number
}

export const addUsers: AddCommand = (program, deps) => {
  const users = program.command('users').description('people: who there is, and what they may do')

  users
    .command('list', { isDefault: true })
    .description('list people')
    .option('--json', 'one JSON object a line')
    .action(async ({ json }: Shown, command) => {
      const people = await connected(deps, command, (client) =>
        Array.fromAsync(listAll<Person>(client, '/api/users')),
      )
      if (json) for (const person of people) jsonLine(deps.stdout, person)
      else showPeople(deps, people)
    })

  users
    .command('invite <email>')
    .description('make an invitation; its secret is shown this once, no mail is sent')
    .option('--role <role>', 'owner, admin, editor, member or viewer', 'member')
    .option('--expires-in-days <number>', 'days until it ends (7)', wholeNumber(1, 90))
    .option('--json', 'as JSON')
    .addHelpText('after', examples('ragstone users invite grace@campus.example --role editor'))
    .action(async (email: string, { role, expiresInDays: days, json }: InviteOptions, command) => {
      const body = { email, role, ...(days === undefined ? {} : { expires_in_days: days }) }
      const made = await connected(deps, command, (client) =>
        client.send<Secret>('POST', '/api/invitations', { body }),
      )
      showSecret(deps, made, json)
      line(deps.stderr, 'It is accepted at POST /auth/accept-invitation, once.')
    })

  users
    .command('role <user> <role>')
    .description('give a person, by address or id, another role')
    .addHelpText('after', examples('ragstone users role grace@campus.example admin'))
    .action(async (user: string, role: string, ...[, command]: [object, Command]) => {
      await update(user, { role }, command)
    })

  for (const [name, status, tells] of [
    ['disable', 'disabled', 'keep a person from signing in, and end all sessions at once'],
    ['enable', 'active', 'let a disabled person sign in again'],
  ] as const) {
    users
      .command(`${name} <user>`)
      .description(tells)
      .action(async (user: string, _options, command) => {
        await update(user, { status }, command)
      })
  }

  users
    .command('reset-password <user>')
    .description('make a secret with which a person sets a new password; no mail is sent')
    .option('--json', 'as JSON')
    .action(async (user: string, { json }: Shown, command) => {
      const made = await connected(deps, command, async (client) => {
        const { id } = await findPerson(client, user)
        return client.send<Secret>('POST', `/api/users/${id}/password-reset`)
      })
      showSecret(deps, made, json)
      line(deps.stderr, 'It is used at POST /auth/reset-password, once.')
    })

  async function update(user: string, body: object, command: Command): Promise<void> {
    const changed = await connected(deps, command, async (client) => {
      const { id } = await findPerson(client, user)
      return client.send<Person>('POST', `/api/users/${id}`, { body })
    })
    line(deps.stdout, `${changed.email}  ${changed.role}  ${changed.status}`)
  }
}

function showSecret(deps: CliDeps, made: Secret, json: true | undefined): void {
  if (json) jsonLine(deps.stdout, made)
  else line(deps.stdout, made.secret)
  line(deps.stderr, `Good until ${moment(made.expires_at)}. Hand it over: it is not shown again.`)
}

function showPeople({ stdout }: CliDeps, people: readonly Person[]): void {
  const rows = people.map((person) => [
    person.id,
    person.email,
    person.role,
    person.status,
    person.last_sign_in_at === null ? 'never' : moment(person.last_sign_in_at),
    person.name,
  ])
  table(stdout, ['ID', 'EMAIL', 'ROLE', 'STATUS', 'LAST SIGN-IN', 'NAME'], rows)
}
