import type { ChatModel, GenerateRequest } from '../core/ports/chat-model.ts'
import type { Reading } from './reading.ts'

export function withChatMeter(model: ChatModel, begin: () => Reading): ChatModel {
  return {
    id: model.id,
    contextTokens: model.contextTokens,
    async *stream(request, signal) {
      // What is not begun is not charged.
      signal.throwIfAborted()
      const reading = begin()
      reading.read(textsOf(request))
      try {
        for await (const event of model.stream(request, signal)) {
          if (event.type === 'text') reading.wrote(event.text)
          if (event.type === 'tool-arguments') reading.wrote(event.delta)
          if (event.type === 'finish') reading.told(event.usage)
          yield event
        }
      } catch (error) {
        // A provider that was told to stop had read the prompt, and charges for it.
        if (!signal.aborted) reading.failed()
        throw error
      } finally {
        reading.ended()
      }
    },
  }
}

function textsOf({ system, messages, tools, format }: GenerateRequest): readonly string[] {
  return [
    system,
    ...messages.flatMap(({ text, toolCalls = [] }) => [
      text,
      ...toolCalls.flatMap((call) => [call.arguments, call.result]),
    ]),
    ...(tools === undefined ? [] : [JSON.stringify(tools.functions)]),
    ...(format === undefined ? [] : [JSON.stringify(format)]),
  ]
}
