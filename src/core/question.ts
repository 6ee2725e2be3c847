import type { Caller } from './caller.ts'
import type { Filter } from './filter.ts'
import type { Limits } from './limits.ts'

export interface Message {
  readonly role: 'assistant' | 'user'
  readonly text: string
  /** Of an assistant: the caller's tools that it used, and what they gave. */
  readonly toolCalls?: readonly AnsweredToolCall[]
}

/** A call of a tool that the caller runs. */
export interface ToolCall {
  readonly id: string
  readonly name: string
  /** JSON, as the model wrote it. */
  readonly arguments: string
}

export interface AnsweredToolCall extends ToolCall {
  readonly result: string
}

/** Tools of the caller's: the model may ask for them, the caller runs them. */
export interface Tools {
  readonly functions: readonly FunctionTool[]
  readonly choice: 'auto' | 'none' | 'required' | { readonly name: string }
  /** Null leaves it to the model whether several are called at once. */
  readonly parallel: boolean | null
}

export interface FunctionTool {
  readonly name: string
  readonly description: string | null
  /** JSON Schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly strict: boolean | null
}

/** What an answer must look like when it is read by a program. */
export type AnswerFormat =
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema'
      readonly name: string
      readonly description: string | null
      readonly schema: Readonly<Record<string, unknown>>
      readonly strict: boolean | null
    }

/** How a language model picks its words, beyond temperature and top_p. */
export interface Sampling {
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
  readonly seed?: number
}

/** What to look through, and how. */
export interface SearchRequest {
  readonly tenantId: string
  readonly caller: Caller
  /** What may be used for it. */
  readonly limits: Limits
  readonly vectorStoreIds: readonly string[]
  readonly text: string
  readonly filter: Filter | null
  /** How many chunks to give back at most. */
  readonly limit: number
  /** Chunks scoring below are left out; 0 keeps all. Scores are in [0, 1]. */
  readonly scoreThreshold: number
  /** How much each search counts in the fusion; absent takes the configured ones. Zero leaves a search out. */
  readonly weights?: { readonly dense: number; readonly lexical: number }
  /** How chunks are chosen: 1 by relevance alone, 0 by difference alone. Absent: a search by relevance, an answer as configured. */
  readonly mmrLambda?: number
}

export interface Question extends Omit<SearchRequest, 'limit' | 'scoreThreshold'> {
  /** The id of the answer to come (`resp_…`, `chatcmpl-…`): its trace is kept under it. */
  readonly answerId: string
  /** The registry's name of the model that is to answer; null takes the configured default. */
  readonly model: string | null
  /** Earlier turns, oldest first, not yet capped. */
  readonly history: readonly Message[]
  readonly instructions: string | null
  readonly maxOutputTokens: number | null
  readonly temperature: number | null
  readonly topP: number | null
  /** Null takes the configured number of chunks. */
  readonly maxChunks: number | null
  /** Chunks scoring below are left out; absent keeps all. */
  readonly scoreThreshold?: number
  /** Nobody sits and waits for it: those who do go first. */
  readonly background?: boolean
  readonly sampling?: Sampling
  readonly tools?: Tools
  /** What was done about this very question so far: the assistant's calls of tools, with their results. */
  readonly steps?: readonly Message[]
  /** Absent is prose with citations. */
  readonly format?: AnswerFormat
}
