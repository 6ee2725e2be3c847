import type {
  FileCitation,
  OutputItem,
  OutputText,
  ResponseObject,
} from '../../../contract/response.ts'

/** A stream event before it has its place: OpenAI's, less `sequence_number`. */
export type ResponseEventBody =
  | { readonly type: LifecycleType; readonly response: ResponseObject }
  | ({ readonly type: 'response.output_item.added' | 'response.output_item.done' } & AtOutput & {
        readonly item: OutputItem
      })
  | ({
      readonly type:
        | 'response.file_search_call.completed'
        | 'response.file_search_call.in_progress'
        | 'response.file_search_call.searching'
    } & AtItem)
  | ({ readonly type: 'response.function_call_arguments.delta' } & AtItem & {
        readonly delta: string
      })
  | ({ readonly type: 'response.function_call_arguments.done' } & AtItem & {
        readonly arguments: string
        readonly name: string
      })
  | ({ readonly type: 'response.content_part.added' | 'response.content_part.done' } & AtPart & {
        readonly part: OutputText
      })
  | ({ readonly type: 'response.output_text.delta' } & AtPart & {
        readonly delta: string
        readonly logprobs: readonly []
      })
  | ({ readonly type: 'response.output_text.done' } & AtPart & {
        readonly text: string
        readonly logprobs: readonly []
      })
  | ({ readonly type: 'response.output_text.annotation.added' } & AtPart & {
        readonly annotation_index: number
        readonly annotation: FileCitation
      })

export type LifecycleType =
  | 'response.completed'
  | 'response.created'
  | 'response.failed'
  | 'response.in_progress'
  | 'response.incomplete'
  | 'response.queued'

interface AtOutput {
  readonly output_index: number
}
interface AtItem extends AtOutput {
  readonly item_id: string
}
interface AtPart extends AtItem {
  readonly content_index: number
}

/** Where an item stands, and what it is called. */
export interface OutputPlace extends AtOutput {
  readonly id: string
}

export type Emit = (event: ResponseEventBody) => void

export type ResponseEvent = ResponseEventBody & { readonly sequence_number: number }
