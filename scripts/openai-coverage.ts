import { templateOf, type Exchange } from '../test/clients/recorder.ts'
import type { DeclaredOperation, OpenAiDeclarations } from './openai-declarations.ts'

type Json = Readonly<Record<string, unknown>>

interface Parameter {
  readonly name: string
  readonly in: string
  readonly schema?: { readonly description?: string }
  readonly description?: string
}
interface Described {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly properties?: Json } }>>
  }
}
export interface ApiDescription {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
}

type State = 'absent' | 'covered' | 'differs' | 'no effect' | 'ours' | 'refused' | 'untested'
interface Field {
  readonly name: string
  readonly state: State
  readonly why: string
}
interface Row {
  readonly operation: DeclaredOperation
  readonly present: boolean
  readonly fields: readonly Field[]
  /** Declared members of the reply that never came. */
  readonly unsent: readonly string[]
}

export interface CoverageSources {
  readonly declared: OpenAiDeclarations
  readonly described: ApiDescription
  readonly exchanges: readonly Exchange[]
}

/** docs/api/openai.md: what the package declares, what we describe, and what was tried. */
export function coveragePage({ declared, described, exchanges }: CoverageSources): string {
  const rows = declared.operations.map((operation) => rowOf(operation, described, exchanges))
  return [
    '# OpenAI’s API, field by field',
    '',
    `Written by \`node scripts/write-openai-coverage.ts\`; do not edit. Operations and fields are those that the \`openai\` package ${declared.version} declares; what is accepted is in our [OpenAPI document](openapi.json); and every field was sent to a real server, whose refusals are quoted. A test fails when this page is not what it would be now.`,
    '',
    'Every reply and every event of a stream is checked against the package’s types. One thing differs from them: `usage` of a response that is still under way is `null`, where the types let it be absent.',
    '',
    ...LEGEND,
    '',
    ...summaryOf(rows),
    '',
    ...rows.flatMap(sectionOf),
  ].join('\n')
}

const LEGEND = [
  '| word | meaning |',
  '| --- | --- |',
  '| covered | taken and acted upon, in a test |',
  '| differs | some values are taken, others refused with the sentence shown |',
  '| no effect | taken, so that clients go on working, and left alone |',
  '| refused | 400 with the sentence shown; the default of the OpenAI API may be sent |',
  '| absent | 400, as an unknown parameter; or 404, as an unknown operation |',
  '| untested | accepted, but no test sends it |',
  '| ours | not part of the OpenAI API |',
]

function rowOf(
  operation: DeclaredOperation,
  { paths }: ApiDescription,
  exchanges: readonly Exchange[],
): Row {
  const path = Object.keys(paths).find((each) => bare(each) === operation.path)
  const own = path === undefined ? undefined : paths[path]?.[operation.method]
  if (own === undefined) return { operation, present: false, fields: [], unsent: [] }
  const accepted = acceptedBy(own)
  const calls = exchanges.filter(
    ({ method, path: called }) =>
      method === operation.method && templateOf(Object.keys(paths), called) === path,
  )
  const names = [...new Set([...operation.parameters, ...accepted.keys()])]
  return {
    operation,
    present: true,
    fields: names.map((name) => fieldOf(name, { operation, accepted, calls })),
    unsent: unsentOf(operation, calls),
  }
}

const bare = (path: string): string => path.replaceAll(/\{\w+\}/g, '{}')

/** Names with what the description says of each. */
function acceptedBy({ parameters = [], requestBody }: Described): ReadonlyMap<string, string> {
  const query = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema, description }): [string, string] => [
      name.replace(/\[.*/, ''),
      description ?? schema?.description ?? '',
    ])
  const [media] = Object.values(requestBody?.content ?? {})
  const body = Object.entries(media?.schema.properties ?? {}).map(
    ([name, schema]): [string, string] => [name.replace(/\[.*/, ''), descriptionOf(schema)],
  )
  return new Map([...query, ...body])
}

/** Its own, or that of what may also be null. */
function descriptionOf(schema: unknown): string {
  const { description, anyOf } = Object(schema) as { description?: string; anyOf?: unknown[] }
  return description ?? anyOf?.map(descriptionOf).find((text) => text !== '') ?? ''
}

interface Tried {
  readonly operation: DeclaredOperation
  readonly accepted: ReadonlyMap<string, string>
  readonly calls: readonly Exchange[]
}

function fieldOf(name: string, { operation, accepted, calls }: Tried): Field {
  const why = accepted.get(name)
  const sent = calls.filter((call) => fieldsOf(call).includes(name))
  const taken = sent.some(({ status }) => status < 300)
  const refusal = sent.map((call) => refusalOf(call, name)).find((text) => text !== null)
  const state = (word: State, reason = why ?? ''): Field => ({ name, state: word, why: reason })
  if (why === undefined) return state('absent')
  if (refusal !== undefined) return state(taken ? 'differs' : 'refused', refusal ?? '')
  if (!operation.parameters.includes(name)) return state('ours')
  const idle = /^Accepted, without effect(?:\.|: (?<because>.*))$/s.exec(why)
  if (idle !== null) return state('no effect', idle.groups?.['because'] ?? '')
  return state(taken ? 'covered' : 'untested')
}

function fieldsOf({ query, sent }: Exchange): readonly string[] {
  if (Array.isArray(sent)) return [...query, ...sent.map(String)]
  return [...query, ...Object.keys(Object(sent) as Json)]
}

function refusalOf({ status, received }: Exchange, name: string): string | null {
  const { error } = Object(received) as { error?: { message: string; param: string | null } }
  if (status !== 400 || error?.param?.split(/[.[]/)[0] !== name) return null
  // A value that is wrong for everybody is no difference.
  return error.message.startsWith('Invalid value for') ? null : error.message
}

function unsentOf(operation: DeclaredOperation, calls: readonly Exchange[]): readonly string[] {
  const replies = calls.filter(({ status, type }) => status < 300 && type === 'application/json')
  if (replies.length === 0) return []
  const seen = new Set(
    replies
      .flatMap(({ received }) => {
        const { object, data } = Object(received) as { object?: unknown; data?: unknown }
        const isPage = typeof object === 'string' && Array.isArray(data)
        return isPage ? [received, ...(data as unknown[])] : [received]
      })
      .flatMap((item) => Object.keys(Object(item) as Json)),
  )
  return operation.members.filter((member) => !seen.has(member))
}

function summaryOf(rows: readonly Row[]): readonly string[] {
  const present = rows.filter((row) => row.present)
  const fields = present.flatMap((row) => row.fields)
  const count = (state: State) => fields.filter((field) => field.state === state).length
  const missing = rows.filter((row) => !row.present).map(({ operation }) => absentRow(operation))
  const counts = (['covered', 'differs', 'no effect', 'refused', 'absent', 'untested'] as const)
    .map((state) => `${count(state)} ${state}`)
    .join(', ')
  return [
    `**${present.length} of ${rows.length} operations** of these families; of their ${fields.length - count('ours')} fields ${counts}.`,
    '',
    ...(missing.length === 0 ? [] : ['| absent operation | why |', '| --- | --- |', ...missing]),
  ]
}

/** An operation that is not there has a reason, or the page is not written. */
function absentRow({ name }: DeclaredOperation): string {
  const [, why] = ABSENT.find(([pattern]) => pattern.test(name)) ?? []
  if (why === undefined)
    throw new Error(`Say in scripts/openai-coverage.ts why there is no ${name}.`)
  return `| \`${name}\` | ${why} |`
}

const ABSENT: readonly (readonly [RegExp, string])[] = [
  [/^models\.delete$/, 'Models are configuration; a vector store is deleted as what it is.'],
  [
    /^responses\.compact$/,
    'Gives back a conversation in a form that only OpenAI can read. Here the server caps the history by itself.',
  ],
  [
    /^responses\.inputTokens\.count$/,
    'What goes to the model is known when the passages are found: `usage` of the response says it.',
  ],
  [
    /^chat\.completions\./,
    'Chat completions are not kept: `POST /v1/responses` keeps its own, to be retrieved, continued and deleted.',
  ],
]

function sectionOf({ operation, present, fields, unsent }: Row): readonly string[] {
  if (!present) return []
  const table = [
    '| field | state | why |',
    '| --- | --- | --- |',
    ...fields.map(({ name, state, why }) => `| \`${name}\` | ${state} | ${escape(why)} |`),
    '',
  ]
  const never = unsent.map((name) => `\`${name}\``).join(', ')
  return [
    `## ${operation.name}`,
    '',
    `\`${operation.method.toUpperCase()} ${operation.path}\``,
    '',
    ...(fields.length === 0 ? [] : table),
    ...(unsent.length === 0 ? [] : [`Members that did not come in any reply: ${never}.`, '']),
  ]
}

const escape = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
