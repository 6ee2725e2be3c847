import type OpenAI from 'openai'
import { expectTypeOf, test } from 'vitest'
import type { ChatChunk, ChatCompletion } from '../../src/contract/chat-completion.ts'
import type { ConversationItem, WireConversation } from '../../src/contract/conversation.ts'
import type { FileBatch } from '../../src/contract/file-batch.ts'
import type { FileObject } from '../../src/contract/file.ts'
import type { WireModel } from '../../src/contract/model.ts'
import type { SearchResult } from '../../src/contract/passage.ts'
import type { InputItem, ResponseObject } from '../../src/contract/response.ts'
import type { VectorStoreFile } from '../../src/contract/vector-store-file.ts'
import type { WireVectorStore } from '../../src/contract/vector-store.ts'
import type { ResponseEvent } from '../../src/http/routes/responses/response-events.ts'

// Checked by the compiler: what we send is what the installed client declares.

test('a model is one of OpenAI', () => {
  expectTypeOf<WireModel>().toExtend<OpenAI.Model>()
})

test('a file is one of OpenAI, its purpose aside, which has one word more on the way in', () => {
  expectTypeOf<Omit<FileObject, 'purpose'>>().toExtend<Omit<OpenAI.FileObject, 'purpose'>>()
})

test('a vector store is one of OpenAI', () => {
  expectTypeOf<WireVectorStore>().toExtend<OpenAI.VectorStore>()
})

test('a file of a vector store is one of OpenAI', () => {
  expectTypeOf<VectorStoreFile>().toExtend<OpenAI.VectorStores.VectorStoreFile>()
})

test('a file batch is one of OpenAI', () => {
  expectTypeOf<FileBatch>().toExtend<OpenAI.VectorStores.VectorStoreFileBatch>()
})

test('a search result is one of OpenAI', () => {
  expectTypeOf<SearchResult>().toExtend<OpenAI.VectorStoreSearchResponse>()
})

// What is echoed as it came is of any type, and `output_text` is made by the client itself.
type Echoed = 'output_text' | 'tool_choice' | 'tools'

test('a response is one of OpenAI', () => {
  expectTypeOf<Omit<ResponseObject, Echoed | 'usage' | 'output'>>().toExtend<
    Omit<OpenAI.Responses.Response, Echoed | 'usage' | 'output'>
  >()
  expectTypeOf<NonNullable<ResponseObject['usage']>>().toExtend<OpenAI.Responses.ResponseUsage>()
  expectTypeOf<ResponseObject['output'][number]>().toExtend<
    WithoutLogprobs<OpenAI.Responses.ResponseOutputItem>
  >()
})

/** Ours are always an empty list. */
type WithoutLogprobs<Item> = Item extends { content: (infer Part)[] }
  ? Omit<Item, 'content'> & { content: Omit<Part, 'logprobs'>[] }
  : Item

test('every event of a stream is one of OpenAI', () => {
  type Ours = Exclude<ResponseEvent, { response: unknown } | { item: unknown } | { part: unknown }>
  expectTypeOf<Ours['type']>().toExtend<OpenAI.Responses.ResponseStreamEvent['type']>()
  expectTypeOf<ResponseEvent['type']>().toExtend<OpenAI.Responses.ResponseStreamEvent['type']>()
  expectTypeOf<Fields<ResponseEvent>>().toExtend<
    Fields<Extract<OpenAI.Responses.ResponseStreamEvent, { type: ResponseEvent['type'] }>>
  >()
})

/** The members beside the objects that are checked above. */
type Fields<Event> = Event extends unknown
  ? Omit<Event, 'annotation' | 'item' | 'logprobs' | 'part' | 'response' | 'type'>
  : never

test('a conversation is one of OpenAI', () => {
  expectTypeOf<WireConversation>().toExtend<OpenAI.Conversations.Conversation>()
})

test('a message of a conversation is one of OpenAI', () => {
  type Message = Extract<ConversationItem, { type: 'message' }>
  expectTypeOf<Omit<Message, 'content'>>().toExtend<Omit<OpenAI.Conversations.Message, 'content'>>()
  expectTypeOf<WithoutLogprobs<Message>['content'][number]>().toExtend<
    Omit<OpenAI.Conversations.Message['content'][number], 'logprobs'>
  >()
})

test('an input item is one of OpenAI', () => {
  type Message = Extract<InputItem, { type: 'message' }>
  expectTypeOf<Omit<Message, 'content' | 'role'>>().toExtend<
    Omit<OpenAI.Responses.ResponseInputMessageItem, 'content' | 'role'>
  >()
  expectTypeOf<Exclude<InputItem, Message>>().toExtend<OpenAI.Responses.ResponseItem>()
})

test('a chat completion is one of OpenAI', () => {
  expectTypeOf<ChatCompletion>().toExtend<OpenAI.ChatCompletion>()
})

test('a chunk of a chat completion is one of OpenAI', () => {
  expectTypeOf<ChatChunk>().toExtend<OpenAI.ChatCompletionChunk>()
})
