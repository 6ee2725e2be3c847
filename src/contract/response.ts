import { Type, type Static } from 'typebox'
import { metadata } from './key-values.ts'
import { nullable } from './nullable.ts'
import { limitUpTo, pageQuery } from './page.ts'
import { textFormat } from './response-request.ts'
import { citationProof, fileSearchResult } from './passage.ts'

export const fileCitation = Type.Object(
  {
    type: Type.Literal('file_citation'),
    file_id: Type.String(),
    filename: Type.String(),
    index: Type.Integer({ description: 'Where its marker begins in the text, in UTF-16 units.' }),
    ragstone: citationProof,
  },
  { title: 'FileCitation' },
)
export type FileCitation = Static<typeof fileCitation>

export const outputText = Type.Object({
  type: Type.Literal('output_text'),
  text: Type.String(),
  annotations: Type.Array(fileCitation),
  logprobs: Type.Array(Type.Unknown()),
})
export type OutputText = Static<typeof outputText>

export const outputMessage = Type.Object(
  {
    id: Type.String(),
    type: Type.Literal('message'),
    role: Type.Literal('assistant'),
    status: Type.Enum(['in_progress', 'completed', 'incomplete']),
    content: Type.Array(outputText),
  },
  { title: 'OutputMessage' },
)
export type OutputMessage = Static<typeof outputMessage>

export const fileSearchCall = Type.Object(
  {
    id: Type.String(),
    type: Type.Literal('file_search_call'),
    status: Type.Enum(['in_progress', 'searching', 'completed', 'incomplete', 'failed']),
    queries: Type.Array(Type.String()),
    results: nullable(Type.Array(fileSearchResult)),
  },
  { title: 'FileSearchCall' },
)
export type FileSearchCall = Static<typeof fileSearchCall>

export const functionCall = Type.Object(
  {
    id: Type.String(),
    type: Type.Literal('function_call'),
    call_id: Type.String(),
    name: Type.String(),
    arguments: Type.String({ description: 'JSON, as the model wrote it.' }),
    status: Type.Enum(['in_progress', 'completed', 'incomplete']),
  },
  { title: 'FunctionCall' },
)
export type FunctionCall = Static<typeof functionCall>

export const functionCallOutput = Type.Object(
  {
    id: Type.String(),
    type: Type.Literal('function_call_output'),
    call_id: Type.String(),
    output: Type.Union([
      Type.String(),
      Type.Array(Type.Object({ type: Type.Literal('input_text'), text: Type.String() })),
    ]),
    status: Type.Literal('completed'),
  },
  { title: 'FunctionCallOutput' },
)

export const outputItem = Type.Union([fileSearchCall, outputMessage, functionCall])
export type OutputItem = Static<typeof outputItem>

const inputMessage = Type.Object(
  {
    id: Type.String(),
    type: Type.Literal('message'),
    role: Type.Enum(['user', 'assistant', 'system', 'developer']),
    status: Type.Literal('completed'),
    content: Type.Array(
      Type.Object({ type: Type.Enum(['input_text', 'output_text']), text: Type.String() }),
    ),
  },
  { title: 'InputItem' },
)
export type InputMessage = Static<typeof inputMessage>

export const inputItem = Type.Union([inputMessage, functionCall, functionCallOutput])
export type InputItem = Static<typeof inputItem>

const responseUsage = Type.Object({
  input_tokens: Type.Integer(),
  input_tokens_details: Type.Object({
    cached_tokens: Type.Integer(),
    cache_write_tokens: Type.Integer(),
  }),
  output_tokens: Type.Integer(),
  output_tokens_details: Type.Object({ reasoning_tokens: Type.Integer() }),
  total_tokens: Type.Integer(),
})

export const responseObject = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('response'),
    created_at: Type.Integer(),
    completed_at: nullable(Type.Integer()),
    status: Type.Enum(['cancelled', 'completed', 'failed', 'in_progress', 'incomplete', 'queued']),
    background: Type.Boolean(),
    error: nullable(
      Type.Object({
        code: Type.Enum(['server_error', 'rate_limit_exceeded', 'invalid_prompt']),
        message: Type.String(),
      }),
    ),
    incomplete_details: nullable(
      Type.Object({ reason: Type.Enum(['max_output_tokens', 'content_filter']) }),
    ),
    instructions: nullable(Type.String()),
    max_output_tokens: nullable(Type.Integer()),
    max_tool_calls: nullable(Type.Integer()),
    metadata: nullable(metadata),
    model: Type.String(),
    output: Type.Array(outputItem),
    parallel_tool_calls: Type.Boolean(),
    previous_response_id: nullable(Type.String()),
    conversation: nullable(Type.Object({ id: Type.String() })),
    prompt_cache_key: nullable(Type.String()),
    reasoning: Type.Object({ effort: Type.Null(), summary: Type.Null() }),
    safety_identifier: nullable(Type.String()),
    service_tier: Type.Literal('default'),
    store: Type.Boolean(),
    temperature: nullable(Type.Number()),
    text: Type.Object({ format: textFormat }),
    tool_choice: Type.Unknown(),
    tools: Type.Array(Type.Unknown()),
    top_logprobs: Type.Literal(0),
    top_p: nullable(Type.Number()),
    truncation: Type.Enum(['auto', 'disabled']),
    usage: nullable(responseUsage),
    user: Type.Optional(Type.String()),
    access_programs: Type.Null(),
    ragstone: Type.Object({
      outcome: nullable(
        Type.Enum(['abstained', 'answered'], {
          description: '`abstained`: the documents do not say.',
        }),
      ),
      notices: Type.Array(Type.String(), {
        description: 'About how the answer was made: a fallback, a missing index.',
      }),
      vector_store_ids: Type.Array(Type.String()),
      working_until: Type.Optional(
        Type.Integer({
          description:
            'Of a response in the background that has not ended: when it counts as failed unless its server says more.',
        }),
      ),
    }),
  },
  { title: 'Response' },
)
export type ResponseObject = Static<typeof responseObject>

export const responseParams = Type.Object({ response_id: Type.String() })
export const INCLUDABLE = [
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
  'reasoning.encrypted_content',
  'message.output_text.logprobs',
] as const

const include = Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())]))
/** Clients spell a list in a query with or without brackets. */
const includeQuery = { include, 'include[]': include }

export const responseQuery = Type.Object(
  {
    ...includeQuery,
    stream: Type.Optional(Type.Boolean()),
    starting_after: Type.Optional(Type.Integer({ minimum: 0 })),
    include_obfuscation: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)

export const responseDeleted = Type.Object(
  { id: Type.String(), object: Type.Literal('response'), deleted: Type.Boolean() },
  { title: 'ResponseDeleted' },
)

export const inputItemQuery = Type.Object(
  { ...includeQuery, ...pageQuery, limit: limitUpTo(100, 20) },
  { additionalProperties: false },
)
