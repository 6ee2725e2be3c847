import type { Tokenizer, TokenizerSource } from '../core/ports/embedding-model.ts'
import type { ModelFiles } from './model-files.ts'
import { createWordPiece } from './word-piece.ts'

/** How a worker thread makes the tokenizer of a local model. */
export function localTokenizerSource(files: ModelFiles): TokenizerSource {
  return { module: import.meta.url, options: { folder: files.folder } }
}

/**
 * Counts a local model's tokens: equal to the library's, save that a word of more than 100 characters, which the model
 * reads as one unknown token, counts one for every four characters.
 */
export async function createTokenizer(options: unknown): Promise<Tokenizer> {
  const wordPiece = await createWordPiece(readFolder(options))
  return { count: (text) => wordPiece.count(text) }
}

function readFolder(options: unknown): string {
  if (typeof options === 'object' && options !== null && 'folder' in options) {
    if (typeof options.folder === 'string') return options.folder
  }
  throw new TypeError('A local tokenizer needs { folder: string }.')
}
