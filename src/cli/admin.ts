import type { Person } from './api.ts'
import { CliError, EXIT } from './cli-error.ts'
import { connected, examples, type AddCommand } from './command-context.ts'
import type { CliDeps } from './deps.ts'
import { jsonLine, line } from './terminal.ts'

interface Options {
  readonly email: string
  readonly name?: string
  readonly role: string
  readonly passwordStdin?: true
  readonly json?: true
}

export const addAdmin: AddCommand = (program, deps) => {
  const admin = program.command('admin').description('the first people of this server')

  admin
    .command('create')
    .description('make a person who may sign in; whoever owns the machine may, without a key')
    .requiredOption('--email <address>', 'by which the person signs in')
    .option('--name <name>', 'for people; the address where left out')
    .option('--role <role>', 'owner, admin, editor, member or viewer', 'owner')
    .option('--password-stdin', 'read the password from standard input instead of asking for it')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        'ragstone admin create --email ada@campus.example --name "Ada Lovelace"',
        'ragstone admin create --email ada@campus.example --password-stdin < password.txt',
      ),
    )
    .action(async ({ email, name = email, role, passwordStdin, json }: Options, command) => {
      const password = passwordStdin === true ? await deps.readInput() : await askForPassword(deps)
      const body = { email, name, role, password }
      const created = await connected(deps, command, (client) =>
        client.send<Person>('POST', '/api/users', { body }),
      )
      if (json) jsonLine(deps.stdout, created)
      else line(deps.stdout, `${created.id}  ${created.email}  ${created.role}`)
    })
}

async function askForPassword(deps: CliDeps): Promise<string> {
  const ask = async (question: string) => {
    try {
      return await deps.askSecret(question)
    } catch (error) {
      throw deps.signal.aborted ? new CliError('Stopped.', EXIT.interrupted) : error
    }
  }
  const password = await ask('Password (12 characters or more): ')
  if (password === (await ask('Again: '))) return password
  throw new CliError('The two passwords are not the same.')
}
