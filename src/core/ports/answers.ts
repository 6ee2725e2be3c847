import type { AnswerTrace } from '../trace.ts'
import type { Transaction } from './database.ts'

/** A stored response: its wire form, and what a next turn needs of it. */
export interface ResponseRecord {
  readonly id: string
  readonly createdAt: Date
  readonly previousResponseId: string | null
  readonly conversationId: string | null
  /** OpenAI's input items of this turn. */
  readonly input: readonly unknown[]
  /** OpenAI's response object. */
  readonly response: object
}

export interface Answers {
  insertResponse(transaction: Transaction, response: ResponseRecord): Promise<void>
  /** In place of the response of that id while it is queued or in progress; false when it has ended or gone. */
  replaceRunning(transaction: Transaction, response: { readonly id: string }): Promise<boolean>
  getResponse(transaction: Transaction, id: string): Promise<ResponseRecord | null>
  /** The response and those before it, oldest first, at most `limit`. Empty when there is none of that id. */
  history(transaction: Transaction, id: string, limit: number): Promise<readonly ResponseRecord[]>
  deleteResponse(transaction: Transaction, id: string): Promise<boolean>
  /** Sent with the commit. */
  insertTrace(transaction: Transaction, trace: AnswerTrace): Promise<void>
  getTrace(transaction: Transaction, answerId: string): Promise<AnswerTrace | null>
}
