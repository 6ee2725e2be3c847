import { expect, test } from 'vitest'
import { exampleChunk } from '../../../test/answer/example-chunk.ts'
import { pack } from './pack.ts'

test('what does not fit is left out, and a smaller one after it still goes in', () => {
  const chunks = [sized('1', 100), sized('2', 500), sized('3', 50)]
  const { kept, dropped } = pack(chunks, 250)

  expect(kept.map(({ chunkId }) => chunkId)).toEqual(['1', '3'])
  expect(dropped).toEqual([{ chunkId: '2', reason: 'over the token budget' }])
})

test('the best one goes in whatever its size', () => {
  expect(pack([sized('1', 4000)], 3000).kept).toHaveLength(1)
})

function sized(chunkId: string, tokens: number) {
  return exampleChunk('text', { chunkId, tokens })
}
