import { setTimeout as sleep } from 'node:timers/promises'
import type { FinishReason, TokenUsage } from '../src/core/answer.ts'
import type { ChatModel, GenerateEvent, GenerateRequest } from '../src/core/ports/chat-model.ts'

export interface FakeChatModelOptions {
  readonly id?: string
  readonly contextTokens?: number
  /** The pieces of the answer, or what makes them from the request. */
  readonly deltas?: readonly string[] | ((request: GenerateRequest) => readonly string[])
  /** Before each delta. */
  readonly delayMs?: number
  /** Thrown after that many deltas (0: before the first). */
  readonly failure?: { readonly after: number; readonly error: Error }
  /** Silent after that many deltas, until it is let go on or told to stop. */
  readonly pause?: { readonly after: number; readonly until: Promise<void> }
  readonly reason?: FinishReason
  readonly usage?: TokenUsage
  /** A provider whose connection hangs: goes on sleeping when it is told to stop. */
  readonly deaf?: boolean
}

export interface FakeChatModel extends ChatModel {
  /** Every request it was given, oldest first. */
  readonly requests: readonly GenerateRequest[]
  /** How many of them were ended by their signal. */
  readonly aborted: () => number
}

/** A language model that says what it was told to, at the speed it was told to. */
export function createFakeChatModel(options: FakeChatModelOptions = {}): FakeChatModel {
  const requests: GenerateRequest[] = []
  let aborted = 0
  return {
    id: options.id ?? 'fake-model',
    contextTokens: options.contextTokens ?? 8192,
    requests,
    aborted: () => aborted,
    async *stream(request, signal): AsyncGenerator<GenerateEvent> {
      requests.push(request)
      const onAbort = () => {
        aborted++
      }
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        const { deltas = ['Nothing was scripted.'], failure, pause } = options
        const script = typeof deltas === 'function' ? deltas(request) : deltas
        for (const [place, text] of script.entries()) {
          if (failure?.after === place) throw failure.error
          if (pause?.after === place) await silence(pause.until, signal)
          await slowly(options, signal)
          yield { type: 'text', text }
        }
        if (failure !== undefined && failure.after >= script.length) throw failure.error
        const usage = options.usage ?? { inputTokens: 100, outputTokens: script.length }
        yield { type: 'finish', reason: options.reason ?? 'stop', usage }
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    },
  }
}

async function slowly({ delayMs, deaf }: FakeChatModelOptions, signal: AbortSignal): Promise<void> {
  if (deaf !== true) signal.throwIfAborted()
  if (delayMs === undefined) return
  await sleep(delayMs, undefined, deaf === true ? {} : { signal })
}

async function silence(until: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  await Promise.race([until, stopped])
}
