import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers'

/** BERT's tokens, without special ones. Nothing in the text can stand for a special token. */
export interface WordPiece {
  encode(text: string): number[]
  count(text: string): number
}

// BERT's tokens never cross white space, punctuation or an ideograph, so a text may be encoded word by word and the
// words remembered. Sentences count at 3 to 15 MB/s the first time and 10 to 60 again; the library alone does 1 to 3.
// White space is what BERT's cleaning turns into a space: other control characters vanish instead of separating.
const SPACE = String.raw`\t\n\r\p{Zs}\u2028\u2029`
const ALONE = String.raw`\p{P}!-\/:-@\[-\u0060\{-~\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff`
const WORDS = new RegExp(`[^${SPACE}${ALONE}]+|[${ALONE}]`, 'gu')

const REMEMBERED_WORDS = 20_000
const LONGEST_REMEMBERED = 64
/** BERT reads a word above 100 characters as one unknown token, however long it is. */
const LONGEST_WORD = 100
const CHARACTERS_PER_TOKEN = 4

/** Reads `tokenizer.json` in a model's folder. */
export async function createWordPiece(folder: string): Promise<WordPiece> {
  const definition = JSON.parse(await readFile(join(folder, 'tokenizer.json'), 'utf8'))
  if (
    definition?.pre_tokenizer?.type !== 'BertPreTokenizer' ||
    definition.model?.vocab === undefined
  ) {
    throw new Error('tokenizer.json does not describe a BERT tokenizer.')
  }
  const library = new LibraryTokenizer(definition, {})
  const remembered = new Map<string, readonly number[]>()

  function encodeWord(word: string): readonly number[] {
    const known = remembered.get(word)
    if (known !== undefined) return known
    const ids = library.encode(word, { add_special_tokens: false }).ids
    if (word.length > LONGEST_REMEMBERED) return ids
    // Emptied rather than aged: the common words are back within a page or two.
    if (remembered.size >= REMEMBERED_WORDS) remembered.clear()
    remembered.set(word, ids)
    return ids
  }

  return {
    encode(text) {
      const ids: number[] = []
      for (const word of text.match(WORDS) ?? []) {
        for (const id of encodeWord(word)) ids.push(id)
      }
      return ids
    },
    count(text) {
      let tokens = 0
      for (const word of text.match(WORDS) ?? []) tokens += countWord(word)
      return tokens
    },
  }

  // A megabyte of base64 must not count as one token: chunks are cut by this number, and language models pay for each.
  function countWord(word: string): number {
    if (word.length <= LONGEST_WORD) return encodeWord(word).length
    const tokens = encodeWord(word).length
    return Math.max(tokens, Math.ceil(word.length / CHARACTERS_PER_TOKEN))
  }
}
