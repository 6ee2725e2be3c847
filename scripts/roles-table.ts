import { ACTIONS, ROLES, roleMay, scopesOf, type ActionName } from '../src/tenancy/roles.ts'

const BEGIN = '<!-- roles: written by scripts/write-access-docs.ts -->'
const END = '<!-- end of roles -->'

function render(): string {
  const rows = Object.entries(ACTIONS).map(([name, { does, scope }]) => [
    does,
    `\`${scope}\``,
    ...ROLES.map((role) => (roleMay(role, name as ActionName) ? 'yes' : '')),
  ])
  const scopes = ROLES.map((role) =>
    scopesOf(role)
      .map((scope) => `\`${scope}\``)
      .join(' '),
  )
  const lines = [
    ['', 'scope', ...ROLES],
    ['---', '---', ...ROLES.map(() => '---')],
    ...rows,
    ['**Scopes**', '', ...scopes],
  ]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** The table of roles, as the page on access shows it. */
export const rolesTable = {
  into(page: string): string {
    const [before = '', rest = ''] = page.split(BEGIN)
    const [, after = ''] = rest.split(END)
    return `${before}${BEGIN}\n\n${render()}\n\n${END}${after}`
  },
}
