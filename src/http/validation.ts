import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import { RequestError } from './request-error.ts'

/** As the schema compiler reports them. */
export interface SchemaProblem {
  readonly keyword: string
  readonly instancePath: string
  readonly params: object
  readonly message: string
}

/** Bodies are taken as they are; texts in paths and queries become the numbers their schema asks for. */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema)
  return (value: unknown) => {
    const converted = httpPart === 'body' ? value : Value.Convert(schema, value)
    if (check.Check(converted)) return { value: converted }
    return { error: explainProblems(check.Errors(converted), converted) }
  }
}

/** The value as the schema's type. Throws for the first problem worth telling, its place below `param`. */
export function checkedValue<Checked>(
  check: {
    Check(value: unknown): value is Checked
    Errors(value: unknown): readonly SchemaProblem[]
  },
  value: unknown,
  param: string,
): Checked {
  if (check.Check(value)) return value
  throw explainProblems(check.Errors(value), value, param)
}

export function explainProblems(
  problems: readonly SchemaProblem[],
  value: unknown,
  under = '',
): RequestError {
  const problem = worstOf(problems)
  if (problem === undefined) return new RequestError('invalid_value', 'The request is not valid.')
  const param = spellPath(under, problem.instancePath)
  const given = valueAt(value, problem.instancePath)
  if (problem.keyword === 'additionalProperties') {
    return missingOrUnknown('unknown_parameter', param, namesIn(problem, 'additionalProperties'))
  }
  if (problem.keyword === 'required') {
    return missingOrUnknown(
      'missing_required_parameter',
      param,
      namesIn(problem, 'requiredProperties'),
    )
  }
  const isType = problem.keyword === 'type' || problem.keyword === 'anyOf'
  const fault = isType ? 'invalid_type' : 'invalid_value'
  const place = param === '' ? 'the request body' : `'${param}'`
  const text = `Invalid value for ${place}: it ${expectation(problem, problems)}${givenPart(problem, given)}.`
  return new RequestError(fault, text, param === '' ? {} : { param })
}

/**
 * A branch of a union that does not fit reports what it would have wanted: the deepest report is the one
 * about what the caller meant.
 */
function worstOf(problems: readonly SchemaProblem[]): SchemaProblem | undefined {
  const telling = problems.filter(({ keyword }) => keyword !== 'boolean')
  const depth = ({ instancePath }: SchemaProblem) => instancePath.split('/').length
  const unions = telling.filter(({ keyword }) => keyword === 'anyOf')
  const deepest = telling.toSorted((a, b) => depth(b) - depth(a))[0]
  const union = unions[0]
  if (union === undefined || deepest === undefined) return telling[0]
  if (depth(deepest) > depth(union)) return deepest
  // One real branch beside null: its complaint is the useful one.
  const branches = telling.filter(
    (problem) =>
      problem.keyword !== 'anyOf' &&
      problem.instancePath === union.instancePath &&
      !('type' in problem.params && problem.params.type === 'null'),
  )
  return branches.length === 1 ? branches[0] : union
}

function missingOrUnknown(
  fault: 'missing_required_parameter' | 'unknown_parameter',
  under: string,
  names: readonly string[],
): RequestError {
  const param = spellPath(under, `/${names[0] ?? ''}`)
  const what = fault === 'unknown_parameter' ? 'Unknown parameter' : 'Missing required parameter'
  return new RequestError(fault, `${what}: '${param}'.`, { param })
}

function namesIn(problem: SchemaProblem, member: string): readonly string[] {
  const names = Object.entries(problem.params).find(([key]) => key === member)?.[1] as unknown
  return Array.isArray(names) ? names.map(String) : []
}

const NAMES: Readonly<Record<string, string>> = {
  array: 'an array',
  boolean: 'a boolean',
  integer: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'an object',
  string: 'a string',
}

/** What should stand there; of a union, all that may. */
function expectation(problem: SchemaProblem, problems: readonly SchemaProblem[]): string {
  const { keyword, instancePath, message } = problem
  const here = problems.filter((other) => other.instancePath === instancePath)
  const allowed = here.flatMap(({ params }) => [
    ...('allowedValue' in params ? [params.allowedValue] : []),
    ...('allowedValues' in params && Array.isArray(params.allowedValues)
      ? (params.allowedValues as readonly unknown[])
      : []),
  ])
  if (allowed.length > 0 && keyword !== 'type') {
    return `must be ${either(allowed.map((value) => JSON.stringify(value)))}`
  }
  const types = here.flatMap(({ params }) => ('type' in params ? [params.type] : []))
  if (keyword === 'type' || keyword === 'anyOf') {
    return `must be ${either(types.map((type) => NAMES[String(type)] ?? String(type)))}`
  }
  const { limit } = { limit: undefined, ...problem.params } as { readonly limit: unknown }
  if (keyword === 'minimum' || keyword === 'maximum') {
    return `must be ${keyword === 'minimum' ? 'at least' : 'at most'} ${String(limit)}`
  }
  return message
}

function either(names: readonly string[]): string {
  const distinct = [...new Set(names)]
  return [distinct.slice(0, -1).join(', '), ...distinct.slice(-1)].filter(Boolean).join(' or ')
}

const LONGEST_SHOWN = 60

function givenPart({ keyword }: SchemaProblem, given: unknown): string {
  if (keyword === 'type' || keyword === 'anyOf') return `, not ${kindOf(given)}`
  const scalar = typeof given === 'string' || typeof given === 'number'
  if (!scalar || String(given).length > LONGEST_SHOWN) return ''
  return `, not ${JSON.stringify(given)}`
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  return value === undefined ? 'absent' : `a ${typeof value}`
}

/** `/tools/0/type` below `a` is `a.tools[0].type`, as OpenAI spells it. */
function spellPath(under: string, pointer: string): string {
  return pointerParts(pointer).reduce((path, part) => {
    if (/^\d+$/.test(part)) return `${path}[${part}]`
    return path === '' ? part : `${path}.${part}`
  }, under)
}

function pointerParts(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function valueAt(value: unknown, pointer: string): unknown {
  return pointerParts(pointer).reduce<unknown>(
    (node, part) =>
      typeof node === 'object' && node !== null ? Reflect.get(node, part) : undefined,
    value,
  )
}
