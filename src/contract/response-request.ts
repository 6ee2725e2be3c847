import { Type, type Static } from 'typebox'
import { namedSchema } from './function-tool.ts'
import { metadata } from './key-values.ts'
import { nullable } from './nullable.ts'
import { rankingOptions } from './search.ts'
import { filterParam } from './filter.ts'

const may = Type.Optional

/** Of OpenAI's, but not of use here: refused with a sentence unless it asks for what happens anyway. */
const refusable = may(Type.Unknown())
/** Of OpenAI's, and without effect on an answer over documents: taken and left alone. */
const hint = may(Type.Unknown({ description: 'Accepted, without effect.' }))

/** Echoed in the response as it came. */
export const textFormat = Type.Union([
  Type.Object({ type: Type.Literal('text') }),
  Type.Object({ type: Type.Literal('json_object') }),
  Type.Object({
    type: Type.Literal('json_schema'),
    ...namedSchema.properties,
    description: may(Type.String()),
    schema: Type.Record(Type.String(), Type.Unknown()),
  }),
])

const textWish = Type.Object(
  { format: may(nullable(textFormat)), verbosity: may(nullable(Type.String())) },
  {
    additionalProperties: false,
    description: 'A format other than text needs a language model, and carries no citations.',
  },
)

/** Read by hand, so that each fault is named by its place: `tools[0].type`. */
const looseItems = Type.Array(Type.Record(Type.String(), Type.Unknown()), { maxItems: 1_000 })

export const responseRequest = Type.Object(
  {
    input: Type.Union([Type.String({ minLength: 1 }), looseItems], {
      description:
        "A question, or the messages of a conversation that ends with a user's message. Texts only.",
    }),
    model: may(
      nullable(
        Type.String({
          description:
            'A model of `GET /v1/models`, or the id of a vector store to answer over with the default model.',
        }),
      ),
    ),
    instructions: may(nullable(Type.String())),
    tools: may(
      nullable(
        Type.Array(Type.Record(Type.String(), Type.Unknown()), {
          maxItems: 128,
          description:
            'One `file_search` at most; without it, the answer is over the vector store named as the model, else over all. And functions, run by the caller: passed to a language model; the extractive answerer answers without them.',
        }),
      ),
    ),
    tool_choice: may(
      Type.Unknown({
        description:
          '`auto`, `required`, `none` (of functions), a function, `file_search` or `allowed_tools`. The documents are searched for every answer.',
      }),
    ),
    include: may(nullable(Type.Array(Type.String()))),
    stream: may(nullable(Type.Boolean())),
    stream_options: may(
      nullable(
        Type.Object({ include_obfuscation: may(Type.Boolean()) }, { additionalProperties: false }),
      ),
    ),
    previous_response_id: may(nullable(Type.String())),
    store: may(nullable(Type.Boolean({ default: true }))),
    metadata: may(nullable(metadata)),
    max_output_tokens: may(nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 }))),
    temperature: may(nullable(Type.Number({ minimum: 0, maximum: 2 }))),
    top_p: may(nullable(Type.Number({ minimum: 0, maximum: 1 }))),
    truncation: may(nullable(Type.Enum(['auto', 'disabled']))),
    parallel_tool_calls: may(nullable(Type.Boolean())),
    max_tool_calls: may(nullable(Type.Integer({ minimum: 1 }))),
    user: may(Type.String()),
    safety_identifier: may(nullable(Type.String())),
    prompt_cache_key: may(nullable(Type.String())),
    background: may(
      nullable(
        Type.Boolean({
          description:
            'Answers at once with a response that is `queued`: retrieve it until it has ended, or stream it, now or later. Not with `store: false`.',
        }),
      ),
    ),
    conversation: may(
      nullable(
        Type.Union(
          [
            Type.String({ minLength: 1 }),
            Type.Object({ id: Type.String({ minLength: 1 }) }, { additionalProperties: false }),
          ],
          {
            description:
              'Goes on from what was said in it, and adds this turn to it. Not together with `previous_response_id`.',
          },
        ),
      ),
    ),
    prompt: refusable,
    text: may(nullable(textWish)),
    top_logprobs: refusable,
    moderation: refusable,
    context_management: refusable,
    image: refusable,
    access_programs: hint,
    prompt_cache_options: hint,
    prompt_cache_retention: hint,
    reasoning: hint,
    service_tier: hint,
  },
  { additionalProperties: false },
)
export type ResponseRequest = Static<typeof responseRequest>

export const fileSearchTool = Type.Object(
  {
    type: Type.Literal('file_search'),
    vector_store_ids: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 100 }),
    filters: may(nullable(filterParam)),
    max_num_results: may(nullable(Type.Integer({ minimum: 1, maximum: 50 }))),
    ranking_options: may(nullable(rankingOptions)),
  },
  { additionalProperties: false, title: 'FileSearchTool' },
)
export type FileSearchTool = Static<typeof fileSearchTool>
