import type { Attributes } from '../filter.ts'

/** A kind of place that documents come from. One folder each, registered in one table, held to one contract suite. */
export interface SourceKind<Settings = unknown, Credentials = unknown> {
  /** `folder`, `web`, `s3`, `git`. */
  readonly name: string
  /** A TypeBox schema of a strict object. */
  readonly settings: object
  /** Null where nothing is ever secret. */
  readonly credentials: object | null
  /** A sentence that says what is wrong with settings that their schema allows; null when nothing is. */
  refusal(settings: Settings, credentials: Credentials | null): string | null
  /** Connects to nothing yet. */
  open(settings: Settings, credentials: Credentials | null): OpenSource
}

export interface OpenSource {
  /**
   * What there is now, in any order and each key once, or of the keys named alone. Ends normally only when nothing was
   * left out; throws where any part could not be listed, so that what is missing is never taken for deleted.
   */
  list(options: ListOptions): AsyncIterable<SourceItem>
  /** Where the source tells of changes itself: runs until the signal; absent where only a schedule helps. */
  changes?(signal: AbortSignal): AsyncIterable<ChangeNotice>
  close(): Promise<void>
}

export interface ListOptions {
  /** Null is all. */
  readonly keys: readonly string[] | null
  /** What the last sync remembered of a document; null for one that it did not see. */
  readonly known: (key: string) => Promise<KnownItem | null>
  readonly signal: AbortSignal
}

export type SourceItem =
  | {
      readonly type: 'document'
      readonly key: string
      /**
       * Changes whenever the content may have (etag, object id, size and time); the same as what is known means
       * unchanged, and nothing is read. Null where only reading tells.
       */
      readonly version: string | null
      /** Null where the listing does not say. */
      readonly bytes: number | null
      /** Called at most once, before the next item is asked for or never. */
      read(): Promise<SourceContent>
    }
  /** One of the keys asked for is not there any more. */
  | { readonly type: 'gone'; readonly key: string }
  /** Left as it is by choice: robots.txt, a type that is not read, a limit. The reason is a sentence. */
  | { readonly type: 'skipped'; readonly key: string; readonly reason: string }
  /** Could not be looked at; what is known of it stays. The reason is a sentence. */
  | { readonly type: 'failed'; readonly key: string; readonly reason: string }

/** What is remembered of a document from one sync to the next. */
export interface KnownItem {
  readonly version: string | null
  /** The kind's own, at most 64 KiB: links of a page, validators for a conditional request. */
  readonly memory: string | null
}

export type SourceContent =
  | {
      readonly type: 'content'
      /** With an ending that tells its type, where its source knows no name. */
      readonly filename: string
      /** Stops at the limit that the kind was given, with `file_too_large`. */
      readonly content: AsyncIterable<Uint8Array>
      /** Where reading knows better than listing. */
      readonly version: string | null
      readonly memory: string | null
      /** Of the document in its store: `url`, `path`, `commit`. */
      readonly attributes: Attributes
    }
  | { readonly type: 'unchanged'; readonly memory: string | null }
  /** It has gone since it was listed. */
  | { readonly type: 'gone' }

export interface ChangeNotice {
  /** Null when anything may have changed. */
  readonly keys: readonly string[] | null
  /** The sync that follows is durable: the source need not tell again. */
  acknowledge(): Promise<void>
}
