import { randomBytes } from 'node:crypto'
import { AppError } from '../../core/errors.ts'
import type { ChatModel, GenerateRequest } from '../../core/ports/chat-model.ts'
import type { Message } from '../../core/question.ts'
import type { Answerer } from './answerer.ts'
import { systemPrompt, userPrompt } from './prompt.ts'
import { writeStandAlone } from './stand-alone-question.ts'

// No tokenizer packs more than this into a token on average: what is over it cannot fit any model's count.
const MOST_CHARACTERS_A_TOKEN = 8

/** Lets a language model write the answer from the passages. Its markers are proven later, never believed. */
export function createGenerativeAnswerer({
  model,
  rewriter = model,
}: {
  readonly model: ChatModel
  /** Makes a follow-up stand alone. */
  readonly rewriter?: ChatModel
}): Answerer {
  return {
    name: model.id,
    standAlone: (question, history, signal) =>
      writeStandAlone(rewriter, { question, history }, signal),
    answer(request, signal) {
      const nonce = randomBytes(8).toString('hex')
      const prompt: GenerateRequest = {
        system: systemPrompt(nonce, request),
        messages: [
          ...request.history,
          { role: 'user', text: userPrompt(nonce, request.passages, request.question) },
          ...(request.steps ?? []),
        ],
        maxOutputTokens: request.maxOutputTokens,
        temperature: request.temperature,
        topP: request.topP,
        ...(request.sampling === undefined ? {} : { sampling: request.sampling }),
        ...(request.tools === undefined ? {} : { tools: request.tools }),
        ...(request.format === undefined ? {} : { format: request.format }),
      }
      insistThatItCanFit(prompt, model)
      return model.stream(prompt, signal)
    },
  }
}

function insistThatItCanFit(prompt: GenerateRequest, model: ChatModel): void {
  const characters = prompt.system.length + prompt.messages.reduce(addLength, 0)
  if (characters / MOST_CHARACTERS_A_TOKEN <= model.contextTokens) return
  throw new AppError(
    'context_length_exceeded',
    `The question with its instructions, history and passages does not fit into the ${model.contextTokens} tokens of ${model.id}. Shorten the instructions or take a larger model.`,
  )
}

function addLength(sum: number, { text, toolCalls = [] }: Message): number {
  const called = toolCalls.map((call) => call.arguments.length + call.result.length)
  return called.reduce((total, length) => total + length, sum + text.length)
}
