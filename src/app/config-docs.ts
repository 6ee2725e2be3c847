import { IsArray, IsObject, type TObject, type TSchema } from 'typebox'
import { configSchema } from './config-schema.ts'
import {
  expectationOf,
  propertiesOf,
  snakeCase,
  variablesOf,
  type Setting,
} from './config-values.ts'

const PREAMBLE = `# Configuration

<!-- Written by \`node scripts/write-configuration-docs.ts\` from src/app/config-schema.ts. -->

Everything has a default: a machine with nothing configured runs. Settings are read once, at the start, from (the first found wins)

1. environment variables, named \`RAGSTONE_<SECTION>_<NAME>\`; one that is set to nothing counts as not set;
2. the YAML file: \`--config <file>\`, else \`RAGSTONE_CONFIG\`, else \`ragstone.yaml\` in the current folder;
3. the defaults below.

All problems are named at once. \`ragstone config\` prints what is in effect, secrets hidden; \`ragstone doctor\` checks it against the machine.

**Secrets** (marked 🔑) may be kept in files: a variable's name with \`_FILE\` at its end, or the setting's name with \`_file\` in the YAML, names a file that holds the value. One newline at its end is dropped.

**Sizes** are bytes, or a number with a unit: \`1MB\` is 1,000,000 bytes, \`1MiB\` is 1,048,576. **Paths** in a variable start from the current folder, those in the YAML file from the file's. **Lists** in a variable are separated by commas.
`

const EXAMPLE = `## Example

\`\`\`yaml
server:
  host: 0.0.0.0
database:
  url_file: /run/secrets/database-url
chat:
  models:
    - name: quick
      base_url: http://127.0.0.1:11434/v1
      model: qwen3:8b
    - name: careful
      base_url: https://api.example.com/v1
      api_key_file: /run/secrets/chat-key
      model: large-2
      context_tokens: 128000
      price: { input_per_million: 2.5, output_per_million: 10, currency: USD, as_of: 2026-11-01 }
  fallbacks: [quick]
\`\`\`
`

/** docs/configuration.md, every byte of it. */
export function configurationDocs(): string {
  const sections = propertiesOf(configSchema).map(([name, { schema, notes }]) =>
    IsObject(schema) ? sectionDocs([name], notes.description, schema) : '',
  )
  return [PREAMBLE, ...sections, EXAMPLE].join('\n')
}

function sectionDocs(path: readonly string[], description: string, schema: TObject): string {
  const title = path.map(snakeCase).join('.')
  const listed = path.some((key) => key.endsWith('[]'))
  const settings = propertiesOf(schema)
  const nested = settings.flatMap(([key, setting]) => nestedDocs([...path, key], setting))
  const rows = settings.map(([key, setting]) => row([...path, key], setting, listed))
  const columns = ['Name', 'Value', 'Default', 'Variable', 'Meaning']
  const shown = listed ? columns.filter((column) => column !== 'Variable') : columns
  const table = aligned([shown, ...rows])
  return [`## ${title}`, '', description, '', ...table, '', ...nested].join('\n')
}

function nestedDocs(path: readonly string[], { schema, notes }: Setting): readonly string[] {
  if (IsObject(schema)) return [sectionDocs(path, notes.description, schema)]
  if (!IsArray(schema) || !IsObject(schema.items)) return []
  const { description } = schema.items as TSchema & { description?: string }
  const item = [...path.slice(0, -1), `${path.at(-1) ?? ''}[]`]
  return [sectionDocs(item, description ?? '', schema.items)]
}

function row(path: readonly string[], setting: Setting, listed: boolean): readonly string[] {
  const name = snakeCase(path.at(-1) ?? '')
  const key = setting.notes.secret === undefined ? '' : ' 🔑'
  const variables = variablesOf(setting, path).map((variable) => `\`${variable}\``)
  return [
    `\`${name}\`${key}`,
    expectationOf(setting),
    defaultOf(setting),
    ...(listed ? [] : [variables.join(', ') || '–']),
    setting.notes.description,
  ]
}

function defaultOf({ schema, notes, fallback }: Setting): string {
  if (fallback === undefined) return IsObject(schema) ? '–' : 'required'
  if (notes.unit === 'bytes' && typeof fallback === 'number') return `\`${fallback / 1e6}MB\``
  return `\`${typeof fallback === 'string' ? fallback : JSON.stringify(fallback)}\``
}

/** As the formatter would have it, so that a check of the format leaves it alone. */
function aligned([head = [], ...rows]: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((cells) => (cells[column] ?? '').length)),
  )
  const rule = widths.map((width) => '-'.repeat(width))
  return [head, rule, ...rows].map((cells) => {
    const padded = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0))
    return `| ${padded.join(' | ')} |`
  })
}
