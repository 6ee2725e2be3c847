import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import {
  APICallError,
  StreamProviderError,
  streamText,
  type LanguageModel,
  type LanguageModelUsage,
  type TextStreamPart,
  type ToolSet,
} from 'ai'
import type { FinishReason, TokenUsage } from '../core/answer.ts'
import { AppError } from '../core/errors.ts'
import type { ChatModel, GenerateEvent, GenerateRequest } from '../core/ports/chat-model.ts'
import { bodyExtras, toSdkMessages, toSdkTools } from './openai-compatible-request.ts'
import { refusalError, unavailableError } from './provider-error.ts'

export interface OpenAiCompatibleChatOptions {
  /** The configured name, used in messages. */
  readonly name: string
  readonly baseUrl: string
  /** Null for a service that asks for none. */
  readonly apiKey: string | null
  /** As the provider calls it. */
  readonly model: string
  readonly contextTokens: number
  /** For the first sign of life, and between two. */
  readonly timeoutMs: number
  readonly headers?: Readonly<Record<string, string>>
}

type Part = TextStreamPart<ToolSet>

const UPSTREAM = 'upstream'

/** Any chat-completions service: OpenAI, Groq, vLLM, Ollama, LM Studio, Azure… */
export function createOpenAiCompatibleChat(options: OpenAiCompatibleChatOptions): ChatModel {
  const provider = createOpenAICompatible({
    // What a call adds to the body is found by the SDK under this name.
    name: UPSTREAM,
    baseURL: options.baseUrl,
    includeUsage: true,
    ...(options.apiKey === null ? {} : { apiKey: options.apiKey }),
    ...(options.headers === undefined ? {} : { headers: { ...options.headers } }),
  })
  const model = provider.chatModel(options.model)
  return {
    id: options.name,
    contextTokens: options.contextTokens,
    stream: (request, signal) => stream({ options, model, request, signal }),
  }
}

interface Call {
  readonly options: OpenAiCompatibleChatOptions
  readonly model: LanguageModel
  readonly request: GenerateRequest
  readonly signal: AbortSignal
}

async function* stream(call: Call): AsyncGenerator<GenerateEvent> {
  const { options, signal } = call
  signal.throwIfAborted()
  const upstream = new AbortController()
  try {
    const parts = start(call, AbortSignal.any([signal, upstream.signal]))
    const reader = createPartReader(call.request)
    for await (const part of withIdleLimit(parts, options.timeoutMs)) {
      if (part.type === 'error') throw part.error
      // Asked for by us, or the connection was broken off: `catch` tells them apart.
      if (part.type === 'abort') throw new Error('The call was broken off.')
      yield* reader(part)
    }
  } catch (error) {
    signal.throwIfAborted()
    throw toAppError(options, error)
  } finally {
    // However the consumer left: the provider is not to go on writing, and charging.
    upstream.abort()
  }
}

function start({ model, request }: Call, abortSignal: AbortSignal): AsyncIterable<Part> {
  return streamText({
    model,
    abortSignal,
    // Retrying, and when not to, belongs to resilience/.
    maxRetries: 0,
    instructions: request.system,
    messages: request.messages.flatMap(toSdkMessages),
    ...(request.maxOutputTokens === null ? {} : { maxOutputTokens: request.maxOutputTokens }),
    ...(request.temperature === null ? {} : { temperature: request.temperature }),
    ...(request.topP === null ? {} : { topP: request.topP }),
    ...request.sampling,
    ...(request.tools === undefined ? {} : toSdkTools(request.tools)),
    providerOptions: { [UPSTREAM]: bodyExtras(request) },
    // Errors come through the stream; without this the SDK prints them to the console as well.
    onError: () => undefined,
  }).stream
}

/** Only the waiting is limited: a slow reader is not the provider's fault. */
async function* withIdleLimit(parts: AsyncIterable<Part>, limitMs: number): AsyncGenerator<Part> {
  const iterator = parts[Symbol.asyncIterator]()
  for (;;) {
    const next = await withLimit(iterator.next(), limitMs)
    if (next.done === true) return
    yield next.value
  }
}

async function withLimit<Value>(promise: Promise<Value>, limitMs: number): Promise<Value> {
  const { promise: expired, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`Nothing for ${limitMs} ms.`)), limitMs)
  try {
    return await Promise.race([promise, expired])
  } finally {
    clearTimeout(timer)
  }
}

/** Turns the SDK's parts into ours; those that say nothing to a reader into nothing. */
function createPartReader(request: GenerateRequest): (part: Part) => readonly GenerateEvent[] {
  const calls: string[] = []
  let characters = 0
  return (part) => {
    if (part.type === 'text-delta' && part.text !== '') {
      characters += part.text.length
      return [{ type: 'text', text: part.text }]
    }
    if (part.type === 'tool-input-start') {
      const index = calls.push(part.id) - 1
      return [{ type: 'tool-call', index, id: part.id, name: part.toolName }]
    }
    if (part.type === 'tool-input-delta' && part.delta !== '') {
      characters += part.delta.length
      return [{ type: 'tool-arguments', index: calls.indexOf(part.id), delta: part.delta }]
    }
    return part.type === 'finish' ? [finish(part, estimate(request, characters))] : []
  }
}

const CHARACTERS_PER_TOKEN = 4

/** For providers that send no usage. */
function estimate(request: GenerateRequest, outputCharacters: number): TokenUsage {
  const input = request.messages.reduce((sum, { text }) => sum + text.length, request.system.length)
  return {
    inputTokens: Math.ceil(input / CHARACTERS_PER_TOKEN),
    outputTokens: Math.ceil(outputCharacters / CHARACTERS_PER_TOKEN),
  }
}

function finish(part: Extract<Part, { type: 'finish' }>, estimated: TokenUsage): GenerateEvent {
  return {
    type: 'finish',
    reason: toFinishReason(part.finishReason),
    usage: toUsage(part.totalUsage, estimated),
  }
}

function toUsage(
  { inputTokens, inputTokenDetails, outputTokens }: LanguageModelUsage,
  estimated: TokenUsage,
): TokenUsage {
  const { cacheReadTokens } = inputTokenDetails
  return {
    inputTokens: inputTokens ?? estimated.inputTokens,
    outputTokens: outputTokens ?? estimated.outputTokens,
    ...(cacheReadTokens === undefined ? {} : { cachedTokens: cacheReadTokens }),
    ...(inputTokens === undefined || outputTokens === undefined ? { estimated: true } : {}),
  }
}

function toFinishReason(reason: string): FinishReason {
  if (reason === 'length') return 'length'
  if (reason === 'tool-calls') return 'tool_calls'
  return reason === 'content-filter' ? 'content_filter' : 'stop'
}

function toAppError({ name, apiKey }: OpenAiCompatibleChatOptions, error: unknown): AppError {
  if (error instanceof AppError) return error
  if (APICallError.isInstance(error) && error.statusCode !== undefined && error.statusCode >= 400) {
    const headers = new Headers(error.responseHeaders)
    const body = error.responseBody ?? ''
    return refusalError(name, { status: error.statusCode, headers, body, apiKey })
  }
  if (StreamProviderError.isInstance(error)) {
    const body = JSON.stringify(error.data)
    return refusalError(name, { status: statusOf(error), headers: new Headers(), body, apiKey })
  }
  // The SDK's errors carry the whole prompt: only what they say is kept.
  return unavailableError(name, new Error(error instanceof Error ? error.message : String(error)))
}

/** An `error` event in a stream that went wrong after its 200 has no status; some put one into `code`. */
function statusOf({ code, type }: StreamProviderError): number {
  const status = Number(code)
  if (status >= 400 && status < 600) return status
  const words = `${String(code)} ${String(type)}`
  if (words.includes('rate_limit')) return 429
  return words.includes('context_length') ? 400 : 500
}
