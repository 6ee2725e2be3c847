import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly minItems?: number
}

interface Media {
  readonly schema?: Schema
  readonly example?: unknown
}

interface Answered {
  readonly $ref?: string
  readonly content?: Readonly<Record<string, Media>>
}

export interface Operation {
  readonly name: string
  readonly method: string
  readonly path: string
  /** Nobody need say who it is. */
  readonly isPublic: boolean
  readonly parameters: readonly {
    readonly in: string
    readonly name: string
    readonly schema?: Schema
  }[]
  /** The only type that is taken, if any is. */
  readonly contentType: string | null
  readonly body: Schema | null
  readonly examples: readonly unknown[]
  readonly statuses: readonly number[]
  /** Null where nothing is said of such an answer. */
  check(status: number): ValidateFunction | null
}

export interface Api {
  readonly operations: readonly Operation[]
  resolve(schema: Schema): Schema
}

interface Described {
  readonly parameters?: Operation['parameters']
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly security?: readonly object[]
  readonly responses: Readonly<Record<string, Answered>>
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly responses: Readonly<Record<string, Answered>>
  }
}

/** What the server says of itself. */
export async function readApi(url: string): Promise<Api> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document
  const { schemas, responses } = document.components
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'api', ...document })
  const checks = new Map<string, ValidateFunction>()
  const checkOf = (answered: Answered | undefined): ValidateFunction | null => {
    const whole = answered?.$ref === undefined ? answered : responses[lastOf(answered.$ref)]
    const schema = whole?.content?.['application/json']?.schema
    if (schema === undefined) return null
    const rooted = JSON.stringify(schema).replaceAll('"#/components', '"api#/components')
    const check = checks.get(rooted) ?? ajv.compile(JSON.parse(rooted) as object)
    checks.set(rooted, check)
    return check
  }
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]): Operation => {
      const [contentType = null] = Object.keys(described.requestBody?.content ?? {})
      const media = described.requestBody?.content[contentType ?? '']
      return {
        name: `${method} ${path}`,
        method: method.toUpperCase(),
        path,
        isPublic: described.security?.length === 0,
        parameters: described.parameters ?? [],
        contentType,
        body: media?.schema ?? null,
        examples: media?.example === undefined ? [] : [media.example],
        statuses: Object.keys(described.responses).map(Number),
        check: (status) => checkOf(described.responses[status]),
      }
    }),
  )
  return {
    operations,
    resolve: (schema) =>
      schema.$ref === undefined ? schema : (schemas[lastOf(schema.$ref)] ?? schema),
  }
}

const lastOf = (reference: string) => reference.split('/').at(-1) ?? ''
