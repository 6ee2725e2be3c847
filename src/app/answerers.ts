import type { Answerer } from '../answer/generate/answerer.ts'
import { createGenerativeAnswerer } from '../answer/generate/generative-answerer.ts'
import { AppError } from '../core/errors.ts'
import type { ChatModel } from '../core/ports/chat-model.ts'
import type { Config } from './config.ts'

export interface AnswerersDeps {
  readonly chat: (name: string) => ChatModel | null
  readonly extractive: Answerer
  readonly settings: Config['chat']
  /** Told of every failure but those that the caller asked for by leaving. */
  readonly onFailure: (failure: { readonly model: string; readonly error: unknown }) => void
}

/** By the registry's name, null for the default: a model with the configured fallbacks behind it, or the extractive answerer. */
export function createAnswerers(deps: AnswerersDeps): (name: string | null) => Answerer {
  const { chat, extractive, settings } = deps
  return (name) => {
    const wanted = name ?? settings.defaultModel
    if (wanted === extractive.name) return extractive
    const model = chat(wanted)
    if (model === null) {
      throw new AppError(
        'model_not_found',
        `There is no model called "${wanted}". GET /v1/models lists those there are.`,
        { param: 'model' },
      )
    }
    const fallbacks = settings.fallbacks
      .filter((fallback) => fallback !== wanted)
      .flatMap((fallback) => chat(fallback) ?? [])
      .map((fallback) => reported(fallback, deps))
    return { ...reported(model, deps), fallbacks }
  }
}

function reported(model: ChatModel, { onFailure }: Pick<AnswerersDeps, 'onFailure'>): Answerer {
  const answerer = createGenerativeAnswerer({ model })
  return {
    ...answerer,
    async *answer(request, signal) {
      try {
        yield* answerer.answer(request, signal)
      } catch (error) {
        if (!signal.aborted) onFailure({ model: model.id, error })
        throw error
      }
    },
  }
}
