import type { ToolCall } from '../../../core/question.ts'
import type { Turn } from '../../ask/conversation.ts'

/** One thing of a conversation as the API has it: a message, a call of a tool, or what the tool gave. */
export type Said =
  | { readonly kind: 'call'; readonly call: ToolCall }
  | {
      readonly kind: 'result'
      readonly callId: string
      readonly text: string
      readonly param: string
    }
  | { readonly kind: 'turn'; readonly turn: Turn }
