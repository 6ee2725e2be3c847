import {
  jsonSchema,
  tool,
  type AssistantModelMessage,
  type JSONSchema7,
  type JSONValue,
  type ModelMessage,
  type ToolChoice,
  type ToolModelMessage,
  type ToolSet,
} from 'ai'
import type { GenerateRequest } from '../core/ports/chat-model.ts'
import type { AnsweredToolCall, AnswerFormat, Message, Tools } from '../core/question.ts'

/** One of ours is up to two of the SDK's: what the assistant called, and what came of it. */
export function toSdkMessages({ role, text, toolCalls = [] }: Message): ModelMessage[] {
  if (role === 'user' || toolCalls.length === 0) return [{ role, content: text }]
  return [callsOf(text, toolCalls), resultsOf(toolCalls)]
}

function callsOf(text: string, calls: readonly AnsweredToolCall[]): AssistantModelMessage {
  return {
    role: 'assistant',
    content: [
      ...(text === '' ? [] : [{ type: 'text' as const, text }]),
      ...calls.map(({ id, name, arguments: input }) => ({
        type: 'tool-call' as const,
        toolCallId: id,
        toolName: name,
        // A text that is JSON already is sent on as it is.
        input,
      })),
    ],
  }
}

function resultsOf(calls: readonly AnsweredToolCall[]): ToolModelMessage {
  return {
    role: 'tool',
    content: calls.map(({ id, name, result }) => ({
      type: 'tool-result' as const,
      toolCallId: id,
      toolName: name,
      output: { type: 'text' as const, value: result },
    })),
  }
}

/** Without `execute`: the SDK only carries what the model asks for. */
export function toSdkTools({ functions, choice }: Tools): {
  readonly tools: ToolSet
  readonly toolChoice: ToolChoice<ToolSet>
} {
  const tools = functions.map(({ name, description, parameters, strict }) => [
    name,
    tool({
      inputSchema: jsonSchema(parameters as JSONSchema7),
      ...(description === null ? {} : { description }),
      ...(strict === null ? {} : { strict }),
    }),
  ])
  return {
    tools: Object.fromEntries(tools) as ToolSet,
    toolChoice: typeof choice === 'string' ? choice : { type: 'tool', toolName: choice.name },
  }
}

/** What goes into the body in the provider's own words. */
export function bodyExtras({ tools, format }: GenerateRequest): Record<string, JSONValue> {
  return {
    ...(tools === undefined || tools.parallel === null
      ? {}
      : { parallel_tool_calls: tools.parallel }),
    ...(format === undefined ? {} : { response_format: responseFormat(format) }),
  }
}

function responseFormat(format: AnswerFormat): JSONValue {
  if (format.type === 'json_object') return { type: 'json_object' }
  const { name, description, schema, strict } = format
  return {
    type: 'json_schema',
    json_schema: {
      name,
      schema: schema as Record<string, JSONValue>,
      ...(description === null ? {} : { description }),
      ...(strict === null ? {} : { strict }),
    },
  }
}
