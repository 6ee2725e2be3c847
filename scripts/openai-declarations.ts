import { readFileSync } from 'node:fs'
import OpenAI from 'openai'
import ts from 'typescript-for-schemas'
import { createSchemaWriter, type JsonSchema } from './schema-from-type.ts'

/** One operation as the installed `openai` package declares it. */
export interface DeclaredOperation {
  /** As it is called: `vectorStores.files.create`. */
  readonly name: string
  readonly method: string
  /** With `{}` in place of each parameter. */
  readonly path: string
  /** Of the body or the query. */
  readonly parameters: readonly string[]
  /** Null where bytes come back, or nothing. */
  readonly reply: JsonSchema | null
  /** Members of the reply; of one item where it is a list. */
  readonly members: readonly string[]
  /** Of one event of its stream. */
  readonly event: JsonSchema | null
}

export interface OpenAiDeclarations {
  readonly version: string
  readonly operations: readonly DeclaredOperation[]
  /** What the schemas refer to. */
  readonly $defs: Readonly<Record<string, JsonSchema>>
}

/** The families that Ragstone speaks. */
const FAMILIES = [
  'models',
  'files',
  'vectorStores',
  'vectorStores.files',
  'vectorStores.fileBatches',
  'embeddings',
  'responses',
  'responses.inputItems',
  'responses.inputTokens',
  'conversations',
  'conversations.items',
  'chat.completions',
  'chat.completions.messages',
]
/** Declared for the client's users; the server never sends it. */
const MADE_BY_CLIENT = ['output_text', '_request_id']
const CALL = /_client\s*\.(?<verb>get|post|delete|getAPIList)\(\s*(?:path\s*)?[`'](?<path>[^`']+)/

/** Reads the type declarations and, for method and path, the code of the package. */
export function readOpenAi(): OpenAiDeclarations {
  const folder = new URL('.', import.meta.resolve('openai'))
  const { version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as {
    version: string
  }
  const root = new URL('index.d.ts', folder).pathname
  const program = ts.createProgram([root], {
    strict: true,
    skipLibCheck: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ESNext,
    lib: ['lib.esnext.d.ts', 'lib.dom.d.ts'],
    types: [],
  })
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(root)
  const exported = file === undefined ? undefined : checker.getSymbolAtLocation(file)
  const client = exported?.exports?.get(ts.escapeLeadingUnderscores('OpenAI'))
  if (client === undefined) throw new Error(`${root} does not export OpenAI.`)
  const type = checker.getDeclaredTypeOfSymbol(resolveAlias(checker, client))
  const writer = createSchemaWriter(checker, MADE_BY_CLIENT)
  const runtime = new OpenAI({ apiKey: 'none' })
  const operations = FAMILIES.flatMap((family) => {
    const resource = memberType(checker, type, family)
    const calls = reach(runtime, family)
    return resource
      .getProperties()
      .flatMap((method) => readOperation({ checker, writer, calls }, family, method))
  })
  return { version, operations, $defs: writer.$defs }
}

interface Reading {
  readonly checker: ts.TypeChecker
  readonly writer: ReturnType<typeof createSchemaWriter>
  readonly calls: Readonly<Record<string, unknown>>
}

function readOperation(
  { checker, writer, calls }: Reading,
  family: string,
  method: ts.Symbol,
): readonly DeclaredOperation[] {
  const call = callOf(`${family}.${method.name}`, String(calls[method.name]))
  if (call === null) return []
  const signatures = checker.getTypeOfSymbol(method).getCallSignatures()
  const replies = signatures.flatMap((signature) => replyOf(checker, signature.getReturnType()))
  const plain = replies.filter((reply) => !isStream(reply) && !isBinary(reply))
  const [event] = replies
    .filter(isStream)
    .flatMap((reply) => checker.getTypeArguments(reply as ts.TypeReference))
  const inPath = [...call.path.matchAll(/\$\{(?<name>\w+)\}/g)].map(([, name]) => name)
  const names = signatures.flatMap((signature) => parametersOf(checker, signature))
  const schemas = [...new Set(plain)].map((each) => writer.write(each))
  return [
    {
      name: `${family}.${method.name}`,
      method: call.method,
      path: `/v1${call.path.replaceAll(/\$\{\w+\}/g, '{}')}`,
      parameters: [...new Set(names)].filter((name) => !inPath.includes(name)).toSorted(),
      reply: schemas.length === 0 ? null : { anyOf: schemas },
      members: [...new Set(plain.flatMap((reply) => membersOf(checker, reply)))].toSorted(),
      event: event === undefined ? null : writer.write(event),
    },
  ]
}

function callOf(name: string, code: string): { method: string; path: string } | null {
  // The one that is built elsewhere.
  if (name === 'embeddings.create') return { method: 'post', path: '/embeddings' }
  const { verb, path } = CALL.exec(code)?.groups ?? {}
  if (verb === undefined || path === undefined) return null
  const listed = code.includes("method: 'post'") ? 'post' : 'get'
  return { method: verb === 'getAPIList' ? listed : verb, path }
}

/** What the promise of a call resolves to; none where it may be one of several kinds. */
function replyOf(checker: ts.TypeChecker, promise: ts.Type): readonly ts.Type[] {
  const [reply] = checker.getTypeArguments(promise as ts.TypeReference)
  if (reply === undefined) return []
  return reply.isUnion() && reply.types.some(isStream) ? [] : [reply]
}

const isStream = (type: ts.Type): boolean => type.symbol?.name === 'Stream'
const isBinary = (type: ts.Type): boolean => type.getProperty('arrayBuffer') !== undefined

function membersOf(checker: ts.TypeChecker, reply: ts.Type): readonly string[] {
  const isPage = reply.symbol?.name.endsWith('Page') === true
  const [item = reply] = isPage ? checker.getTypeArguments(reply as ts.TypeReference) : []
  const types = item.isUnion() ? item.types : [item]
  const names = types.flatMap((type) => type.getProperties().map(({ name }) => name))
  return [...new Set(names)].filter((name) => !MADE_BY_CLIENT.includes(name))
}

function parametersOf(checker: ts.TypeChecker, signature: ts.Signature): readonly string[] {
  return signature.getParameters().flatMap((parameter) => {
    if (!['body', 'query', 'params'].includes(parameter.name)) return []
    const given = checker.getNonNullableType(checker.getTypeOfSymbol(parameter))
    const types = given.isUnion() ? given.types : [given]
    return types
      .flatMap((type) => checker.getPropertiesOfType(type))
      .filter((property) => !isNever(checker, property))
      .map(({ name }) => name)
  })
}

/** What a type forbids by name. */
function isNever(checker: ts.TypeChecker, property: ts.Symbol): boolean {
  const type = checker.getNonNullableType(checker.getTypeOfSymbol(property))
  return (type.flags & ts.TypeFlags.Never) !== 0
}

function memberType(checker: ts.TypeChecker, type: ts.Type, path: string): ts.Type {
  return path.split('.').reduce((at, name) => {
    const member = at.getProperty(name)
    if (member === undefined) throw new Error(`The package has no ${path}.`)
    return checker.getTypeOfSymbol(member)
  }, type)
}

function reach(value: unknown, path: string): Readonly<Record<string, unknown>> {
  return path
    .split('.')
    .reduce<unknown>((at, name) => Reflect.get(Object(at), name), value) as Readonly<
    Record<string, unknown>
  >
}

function resolveAlias(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}
