import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findModelFiles } from './model-files.ts'
import { createTokenizer, localTokenizerSource } from './tokenizer.ts'
import { createWordPiece } from './word-piece.ts'

const files = await findModelFiles({ directories: [] })
if (files === null) throw new Error('The default model is not installed.')
const wordPiece = await createWordPiece(files.folder)
const library = new LibraryTokenizer(
  JSON.parse(await readFile(join(files.folder, 'tokenizer.json'), 'utf8')),
  {},
)

function libraryIds(text: string): number[] {
  return library.encode(text, { add_special_tokens: false }).ids
}

const word = fc.oneof(
  fc.constantFrom(
    'Embedding',
    'naïve',
    'Straße',
    'unaffable',
    '人工知能',
    'ですから',
    'ไทย',
    '≠',
    'ﬁn',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const separator = fc.constantFrom(
  ' ',
  '\n',
  '\t',
  '. ',
  '-',
  '\u00a0',
  '\u2003',
  '\u3000',
  '\u2028',
  '\f',
  '\v',
  '\u0085',
  '\ufeff',
  '\u200b',
  '',
)
const text = fc
  .array(fc.tuple(word, separator), { maxLength: 12 })
  .map((pairs) => pairs.flat().join(''))
  // A capital sigma is lowered by its neighbours, across the apostrophe at which we split; nothing else is.
  .filter((value) => value.isWellFormed() && !value.includes('Σ'))

test('its tokens are those of the library', () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(wordPiece.encode(value)).toEqual(libraryIds(value))
    }),
    { numRuns: 2000 },
  )
})

test('it counts what it encodes', () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(wordPiece.count(value)).toBe(wordPiece.encode(value).length)
    }),
  )
})

test('a text cannot smuggle in a special token', () => {
  const [separatorToken] = libraryIds('[SEP]')
  expect(wordPiece.encode('before [SEP] after')).not.toContain(separatorToken)
})

test('a very long word counts by its length, not as one unknown token', () => {
  const base64 = 'QUJD'.repeat(1000)
  expect(wordPiece.encode(base64)).toHaveLength(1)
  expect(wordPiece.count(base64)).toBe(1000)
})

test('the module named by the source makes the tokenizer', async () => {
  const source = localTokenizerSource(files)
  const module = await import(source.module)
  const tokenizer = await module.createTokenizer(structuredClone(source.options))
  expect(tokenizer.count('tokenization is fun')).toBe(libraryIds('tokenization is fun').length)
})

test('options without a folder are refused', async () => {
  await expect(createTokenizer({})).rejects.toThrow('folder')
})
