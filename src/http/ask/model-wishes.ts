import type { FunctionDefinition, NamedSchema } from '../../contract/function-tool.ts'
import type { AnswerFormat, FunctionTool, Question, Tools } from '../../core/question.ts'
import type { HttpDeps } from '../http-deps.ts'
import { invalidValue, unsupported } from '../request-error.ts'

/** What only a language model can do. */
export interface ModelWishes {
  readonly tools: Tools | null
  readonly format: AnswerFormat | null
  /** Where the caller asked for each. */
  readonly params: { readonly choice: string; readonly format: string }
}

/**
 * The wishes as far as the model can meet them: the extractive answerer answers without tools that it may use, and
 * throws for those it must use and for a format.
 */
export function modelWishes(
  { models, settings }: Pick<HttpDeps, 'models' | 'settings'>,
  model: string | null,
  { tools, format, params }: ModelWishes,
): Pick<Question, 'format' | 'tools'> {
  requireKnownChoice(tools, params.choice)
  const name = model ?? settings.defaultModel
  if (models.find((info) => info.name === name)?.kind !== 'extractive') {
    return { ...(tools === null ? {} : { tools }), ...(format === null ? {} : { format }) }
  }
  const instead = 'name a language model of GET /v1/models as the model.'
  if (format !== null) {
    throw unsupported(
      params.format,
      `'${name}' quotes the documents and cannot write JSON: ${instead}`,
    )
  }
  if (tools !== null && tools.choice !== 'auto' && tools.choice !== 'none') {
    throw unsupported(
      params.choice,
      `'${name}' quotes the documents and cannot call a tool: ${instead}`,
    )
  }
  return {}
}

function requireKnownChoice(tools: Tools | null, param: string): void {
  if (tools === null || typeof tools.choice === 'string') return
  const { name } = tools.choice
  if (tools.functions.some((each) => each.name === name)) return
  throw invalidValue(param, `'${param}' names the tool '${name}', which is not among the tools.`)
}

const NO_PARAMETERS = { type: 'object', properties: {} }

export function functionTool(definition: FunctionDefinition): FunctionTool {
  return {
    name: definition.name,
    description: definition.description ?? null,
    parameters: definition.parameters ?? NO_PARAMETERS,
    strict: definition.strict ?? null,
  }
}

export function schemaFormat({ name, description, schema, strict }: NamedSchema): AnswerFormat {
  return {
    type: 'json_schema',
    name,
    description: description ?? null,
    schema: schema ?? {},
    strict: strict ?? null,
  }
}
