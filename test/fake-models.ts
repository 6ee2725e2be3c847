import type { ChatModel, GenerateEvent, GenerateRequest } from '../src/core/ports/chat-model.ts'
import type { EmbeddingModel } from '../src/core/ports/embedding-model.ts'

export const REQUEST: GenerateRequest = {
  system: 'Answer.',
  messages: [{ role: 'user', text: 'Why?' }],
  maxOutputTokens: null,
  temperature: null,
  topP: null,
}

const FINISH: GenerateEvent = {
  type: 'finish',
  reason: 'stop',
  usage: { inputTokens: 2, outputTokens: 1 },
}

/** A text, an error to throw, or `hang`: wait for the abort and throw its reason. */
type FakeStep = Error | string

/** Each call plays the next script (the last one again and again): texts, errors thrown, waiting. */
export function createFakeChat(
  scripts: readonly (readonly FakeStep[])[],
  options: { readonly id?: string; readonly contextTokens?: number } = {},
): ChatModel & { readonly calls: readonly AbortSignal[] } {
  const calls: AbortSignal[] = []
  return {
    id: options.id ?? 'fake-chat',
    contextTokens: options.contextTokens ?? 1000,
    calls,
    async *stream(_request, signal) {
      const script = scripts[Math.min(calls.length, scripts.length - 1)] ?? []
      calls.push(signal)
      for (const step of script) {
        signal.throwIfAborted()
        if (step instanceof Error) throw step
        if (step === 'hang') await aborted(signal)
        else yield { type: 'text', text: step }
      }
      yield FINISH
    },
  }
}

/** Each call plays the next step (the last one again and again): an error, waiting, or vectors of ones. */
export function createFakeEmbedding(
  steps: readonly FakeStep[],
): EmbeddingModel & { readonly calls: readonly (AbortSignal | undefined)[] } {
  const calls: (AbortSignal | undefined)[] = []
  return {
    id: 'fake-embedding',
    dimensions: 4,
    maxTokens: 100,
    calls,
    async embed(texts, { signal }) {
      const step = steps[Math.min(calls.length, steps.length - 1)]
      calls.push(signal)
      if (step instanceof Error) throw step
      if (step === 'hang' && signal !== undefined) await aborted(signal)
      return texts.map(() => new Float32Array([0.5, 0.5, 0.5, 0.5]))
    },
  }
}

export async function collect(events: AsyncIterable<GenerateEvent>): Promise<GenerateEvent[]> {
  return Array.fromAsync(events)
}

export function textOf(events: readonly GenerateEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('')
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(signal.reason)
    if (signal.aborted) fail()
    signal.addEventListener('abort', fail, { once: true })
  })
}
