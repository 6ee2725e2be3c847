/** Bytes that can be read from their beginning as often as need be: whoever writes them may have to begin again. */
export interface Content {
  readonly bytes: number
  read(): AsyncIterable<Uint8Array>
}

/** Content whose SHA-256 (hex) is known before it is kept. */
export interface HashedContent extends Content {
  readonly sha256: string
}

export interface ByteRange {
  readonly start: number
  /** One past the last byte. */
  readonly end: number
}

export interface StoredObject {
  readonly key: string
  readonly bytes: number
  /** Another one whenever the bytes may be others. */
  readonly version: string
  readonly modifiedAt: Date
}

export interface OpenObject extends Pick<StoredObject, 'bytes' | 'version'> {
  /** Of the range alone, where one was asked for. Leaving early closes it. */
  readonly content: AsyncIterable<Uint8Array>
}

/** Where bytes are kept by name: a directory, or a bucket. What they mean is known above it. */
export interface ObjectStore {
  /** Durable and whole when it resolves; nobody ever sees a part of it. */
  write(key: string, content: Content, signal?: AbortSignal): Promise<void>
  find(key: string, signal?: AbortSignal): Promise<StoredObject | null>
  /** Null when there is none. */
  open(key: string, range?: ByteRange, signal?: AbortSignal): Promise<OpenObject | null>
  /** Of one that is not there it is nothing. */
  delete(key: string, signal?: AbortSignal): Promise<void>
  /** Every object whose key begins like this, what interrupted writes left behind included. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<StoredObject>
}
