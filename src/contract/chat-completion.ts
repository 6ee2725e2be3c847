import { Type, type Static } from 'typebox'
import { chatResponseFormat, chatTool, chatToolCall, chatToolChoice } from './function-tool.ts'
import { metadata } from './key-values.ts'
import { nullable } from './nullable.ts'
import { citationProof } from './passage.ts'
import { filterParam } from './filter.ts'

const may = Type.Optional
const refusable = may(Type.Unknown())
const hint = may(Type.Unknown({ description: 'Accepted, without effect.' }))

/** Passed on to a language model. */
const penalty = may(
  nullable(
    Type.Number({
      minimum: -2,
      maximum: 2,
      description: 'Passed to a language model; the extractive answerer quotes without it.',
    }),
  ),
)

const stopText = Type.String({ minLength: 1, maxLength: 256 })

export const chatRequest = Type.Object(
  {
    messages: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
      minItems: 1,
      maxItems: 1_000,
      description:
        "Ends with a user's message, which is the question, or with the results of tools behind it. Texts only.",
    }),
    model: Type.String({
      description: 'A model, or the id of a vector store to answer over with the default model.',
    }),
    vector_store_ids: may(
      nullable(
        Type.Array(Type.String({ minLength: 1 }), {
          minItems: 1,
          maxItems: 100,
          description: 'Where to look; all vector stores when absent. Not part of the OpenAI API.',
        }),
      ),
    ),
    filters: may(nullable(filterParam)),
    max_completion_tokens: may(nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 }))),
    max_tokens: may(nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 }))),
    temperature: may(nullable(Type.Number({ minimum: 0, maximum: 2 }))),
    top_p: may(nullable(Type.Number({ minimum: 0, maximum: 1 }))),
    stop: may(nullable(Type.Union([stopText, Type.Array(stopText, { maxItems: 4 })]))),
    stream: may(nullable(Type.Boolean())),
    stream_options: may(
      nullable(
        Type.Object(
          { include_usage: may(Type.Boolean()), include_obfuscation: may(Type.Boolean()) },
          { additionalProperties: false },
        ),
      ),
    ),
    metadata: may(nullable(metadata)),
    n: refusable,
    tools: may(
      nullable(
        Type.Array(chatTool, {
          maxItems: 128,
          description:
            'Run by the caller. Passed through to a language model; the extractive answerer answers without them.',
        }),
      ),
    ),
    tool_choice: may(nullable(chatToolChoice)),
    parallel_tool_calls: may(nullable(Type.Boolean())),
    response_format: may(
      nullable(
        Type.Unsafe<Static<typeof chatResponseFormat>>({
          ...chatResponseFormat,
          description: 'JSON needs a language model, and carries no citations.',
        }),
      ),
    ),
    functions: refusable,
    function_call: refusable,
    logprobs: refusable,
    top_logprobs: refusable,
    logit_bias: refusable,
    frequency_penalty: penalty,
    presence_penalty: penalty,
    modalities: refusable,
    audio: refusable,
    web_search_options: refusable,
    moderation: refusable,
    store: may(
      Type.Unknown({
        description:
          'Accepted, without effect: chat completions are not kept; `POST /v1/responses` keeps its own.',
      }),
    ),
    prediction: hint,
    prompt_cache_key: hint,
    prompt_cache_options: hint,
    prompt_cache_retention: hint,
    reasoning_effort: hint,
    safety_identifier: hint,
    seed: may(
      nullable(
        Type.Integer({
          description:
            'Passed to a language model; the extractive answerer is the same every time.',
        }),
      ),
    ),
    service_tier: hint,
    user: hint,
    verbosity: hint,
  },
  { additionalProperties: false },
)
export type ChatRequest = Static<typeof chatRequest>

/**
 * OpenAI's chat completions know one kind of annotation, `url_citation`, and clients check for it;
 * what its `file_citation` would say stands beside it.
 */
export const chatAnnotation = Type.Object(
  {
    type: Type.Literal('url_citation'),
    url_citation: Type.Object({
      start_index: Type.Integer({ description: 'Where its marker begins in the text.' }),
      end_index: Type.Integer(),
      title: Type.String(),
      url: Type.String({ description: 'Of the extracted text.' }),
    }),
    file_id: Type.String(),
    filename: Type.String(),
    index: Type.Integer(),
    ragstone: citationProof,
  },
  { title: 'ChatAnnotation' },
)
export type ChatAnnotation = Static<typeof chatAnnotation>

const finishReason = Type.Enum(['stop', 'length', 'content_filter', 'tool_calls'])

export const chatUsage = Type.Object({
  prompt_tokens: Type.Integer(),
  completion_tokens: Type.Integer(),
  total_tokens: Type.Integer(),
  prompt_tokens_details: Type.Object({ cached_tokens: Type.Integer() }),
  completion_tokens_details: Type.Object({ reasoning_tokens: Type.Integer() }),
})
export type ChatUsage = Static<typeof chatUsage>

const remarks = Type.Object({
  model: Type.String({
    description: 'Who wrote the answer: not the model asked for where that was away.',
  }),
  outcome: Type.Enum(['abstained', 'answered']),
  notices: Type.Array(Type.String()),
  vector_store_ids: Type.Array(Type.String()),
})

export const chatCompletion = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('chat.completion'),
    created: Type.Integer(),
    model: Type.String(),
    choices: Type.Array(
      Type.Object({
        index: Type.Literal(0),
        finish_reason: finishReason,
        logprobs: Type.Null(),
        message: Type.Object({
          role: Type.Literal('assistant'),
          content: nullable(
            Type.String({ description: 'Null where the model only asks for tools.' }),
          ),
          refusal: Type.Null(),
          annotations: Type.Array(chatAnnotation),
          tool_calls: may(Type.Array(chatToolCall)),
        }),
      }),
    ),
    usage: chatUsage,
    metadata: may(nullable(metadata)),
    service_tier: Type.Literal('default'),
    ragstone: remarks,
  },
  { title: 'ChatCompletion' },
)
export type ChatCompletion = Static<typeof chatCompletion>

export const chatChunk = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('chat.completion.chunk'),
    created: Type.Integer(),
    model: Type.String(),
    choices: Type.Array(
      Type.Object({
        index: Type.Literal(0),
        delta: Type.Object({
          role: may(Type.Literal('assistant')),
          content: may(Type.String()),
          refusal: may(Type.Null()),
          annotations: may(Type.Array(chatAnnotation)),
          tool_calls: may(
            Type.Array(
              Type.Object({
                index: Type.Integer(),
                id: may(Type.String()),
                type: may(Type.Literal('function')),
                function: Type.Object({ name: may(Type.String()), arguments: Type.String() }),
              }),
            ),
          ),
        }),
        logprobs: Type.Null(),
        finish_reason: nullable(finishReason),
      }),
    ),
    service_tier: Type.Literal('default'),
    usage: may(nullable(chatUsage)),
    ragstone: may(
      Type.Union([
        remarks,
        Type.Object({
          warnings: Type.Array(Type.String(), {
            description: 'Budgets that run low: before the first word, without a `delta`.',
          }),
        }),
      ]),
    ),
  },
  { title: 'ChatCompletionChunk' },
)
export type ChatChunk = Static<typeof chatChunk>
