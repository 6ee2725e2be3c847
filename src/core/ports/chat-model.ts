import type { FinishReason, TokenUsage, ToolCallEvent } from '../answer.ts'
import type { AnswerFormat, Message, Sampling, Tools } from '../question.ts'

export interface GenerateRequest {
  readonly system: string
  readonly messages: readonly Message[]
  readonly maxOutputTokens: number | null
  readonly temperature: number | null
  readonly topP: number | null
  readonly sampling?: Sampling
  readonly tools?: Tools
  readonly format?: AnswerFormat
}

export type GenerateEvent =
  | { readonly type: 'text'; readonly text: string }
  | ToolCallEvent
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly usage: TokenUsage }

/** A language model behind a provider. Throws `provider_unavailable`, `provider_rejected`, `rate_limited`. */
export interface ChatModel {
  readonly id: string
  readonly contextTokens: number
  stream(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>
}
