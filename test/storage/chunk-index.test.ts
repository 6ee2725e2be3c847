import { expect, test } from 'vitest'
import type { ChunkQuery } from '../../src/core/ports/chunk-index.ts'
import type { Transaction } from '../../src/core/ports/database.ts'
import { createChunkIndex } from '../../src/storage/chunk-index.ts'
import { createDocuments } from '../../src/storage/documents.ts'
import { retrieve } from '../../src/answer/retrieve/retrieve.ts'
import { createFakeEmbedding } from '../fake-models.ts'
import {
  addDocument,
  addIndexed,
  addStore,
  documents,
  indexed,
  type Passage,
  SPACE,
  unit,
  onEveryLibrary,
} from './library.ts'

const index = createChunkIndex({ space: SPACE.name })
const EAST = [1, 0, 0, 0] as const
const NORTH = [0, 1, 0, 0] as const

const ask = (vectorStoreIds: readonly string[], query: Partial<ChunkQuery> = {}): ChunkQuery => ({
  vectorStoreIds,
  filter: null,
  text: '',
  model: SPACE.model,
  vector: null,
  candidates: 10,
  ...query,
})

onEveryLibrary('chunk index', ({ database, newTenant, analyze, takeStatements }) => {
  /** Tenants whose chunks lie in one partition. */
  async function newNeighbours(): Promise<[string, string]> {
    const first = await newTenant()
    const partition = (tenant: string) =>
      database.transact(tenant, async (transaction) => {
        const [row] = await transaction.query<{ part: number }>(
          'select tenant_partition($1) as part',
          [tenant],
        )
        return row?.part
      })
    const wanted = await partition(first)
    for (;;) {
      const other = await newTenant()
      if ((await partition(other)) === wanted) return [first, other]
    }
  }

  test('a candidate carries everything that is known of its chunk', async () => {
    const tenant = await newTenant()
    const passages = [
      { text: 'The red stone', vector: EAST, context: 'Stones' },
      { text: 'A blue feather', vector: NORTH },
    ]

    const { found, fileId, store, chunk } = await database.transact(tenant, async (transaction) => {
      const id = await addStore(transaction)
      const file = await addIndexed(transaction, id, { passages, attributes: { year: 2024 } })
      return {
        store: id,
        fileId: file,
        chunk: indexed(id, file, passages).chunks[0],
        found: await index.search(
          transaction,
          ask([id], { text: 'stone', vector: unit(...EAST), candidates: 1 }),
        ),
      }
    })

    expect(found).toEqual([
      {
        ...chunk,
        chunkId: expect.stringMatching(/^\d+$/),
        vectorStoreId: store,
        fileId,
        filename: `${fileId}.txt`,
        attributes: { year: 2024 },
        title: 'A title',
        similarity: expect.closeTo(1, 3),
        bm25: expect.any(Number),
        vector: Float32Array.from(EAST),
      },
    ])
  })

  test('each search gives its score, and a chunk found by both appears once', async () => {
    const tenant = await newTenant()

    const found = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      await addIndexed(transaction, store, {
        passages: [
          { text: 'red stone', vector: EAST },
          { text: 'nothing of the kind', vector: [0.9, 0.1, 0, 0] },
          { text: 'stone cold', vector: [0, 0, 0, 1] },
        ],
      })
      return index.search(
        transaction,
        ask([store], { text: 'stone', vector: unit(...EAST), candidates: 2 }),
      )
    })

    const scores = found.map(({ text, similarity, bm25 }) => [
      text,
      similarity !== null,
      bm25 !== null,
    ])
    expect(scores).toEqual([
      ['red stone', true, true],
      ['nothing of the kind', true, false],
      ['stone cold', false, true],
    ])
    expect(found.map((chunk) => chunk.similarity)).toEqual([
      expect.closeTo(1, 2),
      expect.closeTo(0.994, 2),
      null,
    ])
    expect(found.every((chunk) => chunk.bm25 === null || chunk.bm25 > 0)).toBe(true)
  })

  test('asked again and again, with the plan kept or not, a search finds the same', async () => {
    const [tenant, neighbour] = await newNeighbours()
    const stores: string[] = []
    for (const owner of [tenant, neighbour]) {
      await database.transact(owner, async (transaction) => {
        const id = await addStore(transaction)
        stores.push(id)
        const passages = [
          { text: `red stone of ${owner}`, vector: EAST },
          { text: 'stone cold', vector: NORTH },
        ]
        await addIndexed(transaction, id, { passages })
      })
    }
    const fresh = createChunkIndex({ space: SPACE.name })
    const query = ask(stores, { text: 'stone', vector: unit(...EAST) })
    const search = (owner: string, oneStatement: boolean) =>
      database.transact(owner, (transaction) => fresh.search(transaction, query), { oneStatement })

    const [first, other] = [await search(tenant, false), await search(neighbour, true)]
    expect(first.map(({ text }) => text)).toEqual([`red stone of ${tenant}`, 'stone cold'])
    expect(other.map(({ text }) => text)).toEqual([`red stone of ${neighbour}`, 'stone cold'])
    for (let time = 0; time < 8; time += 1) {
      expect(await search(tenant, true)).toEqual(first)
      expect(await search(neighbour, true)).toEqual(other)
    }
  })

  test('a search is one round trip', async () => {
    const tenant = await newTenant()
    const store = await database.transact(tenant, addStore)
    takeStatements()
    const query = ask([store], { text: 'stone', vector: unit(...EAST) })
    await retrieve(
      { database, chunkIndex: index, embedder: createFakeEmbedding([]) },
      { ...query, tenantId: tenant, dense: true },
      new AbortController().signal,
    )

    expect(takeStatements()).toHaveLength(1)
  })

  test('words in the context count', async () => {
    const tenant = await newTenant()

    const found = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      await addIndexed(transaction, store, {
        passages: [{ text: 'It is red.', context: 'Granite' }, { text: 'It is blue.' }],
      })
      return index.search(transaction, ask([store], { text: 'granite' }))
    })

    expect(found.map((chunk) => chunk.text)).toEqual(['It is red.'])
  })

  test('words are found whichever partition the tenant’s chunks lie in', async () => {
    const scores = []
    for (let round = 0; round < 6; round += 1) {
      const tenant = await newTenant()
      const found = await database.transact(tenant, async (transaction) => {
        const store = await addStore(transaction)
        const word = `unheard${round}`
        await addIndexed(transaction, store, {
          passages: [{ text: `an ${word} word` }, { text: 'another' }],
        })
        return index.search(transaction, ask([store], { text: word }))
      })
      scores.push(found[0]?.bm25 ?? 0)
    }

    expect(scores.every((score) => score > 0)).toBe(true)
  })

  test('only the named stores are searched', async () => {
    const tenant = await newTenant()

    const found = await database.transact(tenant, async (transaction) => {
      const [one, two, three] = [
        await addStore(transaction),
        await addStore(transaction),
        await addStore(transaction),
      ]
      for (const [store, text] of [
        [one, 'stone one'],
        [two, 'stone two'],
        [three, 'stone three'],
      ] as const)
        await addIndexed(transaction, store, { passages: [{ text }] })
      const query = { text: 'stone', vector: unit(1, 1, 1, 1) }
      return [
        await index.search(transaction, ask([one, three], query)),
        await index.search(transaction, ask([], query)),
        await index.search(transaction, ask(['vs_nowhere'], query)),
      ].map((chunks) => chunks.map((chunk) => chunk.text).toSorted())
    })

    expect(found).toEqual([['stone one', 'stone three'], [], []])
  })

  test('a filter holds for both searches', async () => {
    const tenant = await newTenant()

    const found = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      await addIndexed(transaction, store, {
        passages: [{ text: 'stone old' }],
        attributes: { year: 1999 },
      })
      await addIndexed(transaction, store, {
        passages: [{ text: 'stone new' }],
        attributes: { year: 2024 },
      })
      const query = ask([store], {
        text: 'stone',
        vector: unit(1, 1, 1, 1),
        filter: { type: 'gt', key: 'year', value: 2000 },
      })
      return [
        await index.search(transaction, query),
        await index.search(transaction, {
          ...query,
          filter: { type: 'eq', key: 'year', value: 1 },
        }),
      ]
    })

    expect(
      found.map((chunks) =>
        chunks.map((chunk) => [chunk.text, chunk.bm25 !== null, chunk.similarity !== null]),
      ),
    ).toEqual([[['stone new', true, true]], []])
  })

  test('another tenant’s store gives nothing', async () => {
    const [owner, stranger] = await newNeighbours()
    const store = await database.transact(owner, async (transaction) => {
      const id = await addStore(transaction)
      await addIndexed(transaction, id, { passages: [{ text: 'secret stone', vector: EAST }] })
      return id
    })

    const found = await database.transact(stranger, async (transaction) => {
      const own = await addStore(transaction)
      await addIndexed(transaction, own, { passages: [{ text: 'own feather', vector: NORTH }] })
      return index.search(
        transaction,
        ask([store, own], { text: 'secret stone', vector: unit(...EAST) }),
      )
    })

    expect(found.map((chunk) => chunk.text)).toEqual(['own feather'])
  })

  test('chunks of a document that is not complete stay hidden', async () => {
    const tenant = await newTenant()

    const found = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      await addIndexed(transaction, store, { passages: [{ text: 'stone' }] })
      await transaction.query("update documents set status = 'in_progress' where tenant_id = $1", [
        tenant,
      ])
      return index.search(transaction, ask([store], { text: 'stone', vector: unit(1, 1, 1, 1) }))
    })

    expect(found).toEqual([])
  })

  test('either search alone is enough', async () => {
    const tenant = await newTenant()

    const found = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      await addIndexed(transaction, store, {
        passages: [
          { text: 'red stone', vector: EAST },
          { text: 'blue', vector: NORTH },
        ],
      })
      return [
        await index.search(transaction, ask([store], { text: 'stone' })),
        await index.search(transaction, ask([store], { vector: unit(...NORTH), candidates: 1 })),
        await index.search(transaction, ask([store])),
      ].map((chunks) => chunks.map((chunk) => [chunk.text, chunk.vector !== null]))
    })

    expect(found).toEqual([[['red stone', true]], [['blue', true]], []])
  })

  test('without an embedding space words are searched and candidates have no vector', async () => {
    const tenant = await newTenant()

    const found = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const fileId = await addDocument(transaction, store)
      await createDocuments({ space: null }).index(
        transaction,
        indexed(store, fileId, [{ text: 'red stone' }]),
      )
      return createChunkIndex({ space: null }).search(
        transaction,
        ask([store], { text: 'stone', vector: unit(...EAST) }),
      )
    })

    expect(found).toMatchObject([{ text: 'red stone', vector: null, similarity: null }])
  })

  test('a chunk without a vector is found by its words', async () => {
    const tenant = await newTenant()

    const found = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      const fileId = await addDocument(transaction, store)
      await documents.index(transaction, {
        ...indexed(store, fileId, [{ text: 'red stone' }]),
        vectors: new Map(),
      })
      return index.search(transaction, ask([store], { text: 'stone', vector: unit(...EAST) }))
    })

    expect(found).toMatchObject([{ text: 'red stone', vector: null, similarity: null }])
  })

  test.for([
    ['an index by name', 'chunks_0_bm25: stone'],
    ['colons', ': : stone ::'],
    ['quotes and operators', `'stone' "stone" & | ! <-> ( \\ $1 %s`],
    ['NUL', 'st\0 stone \0'],
    ['half a character', 'stone \uD83D'],
    ['ten thousand characters', `stone ${'pebble '.repeat(1500)}`],
    [
      'five thousand words',
      `stone ${Array.from({ length: 5000 }, (_, n) => `word${n}`).join(' ')}`,
    ],
    [
      'five thousand words before it',
      `${Array.from({ length: 5000 }, (_, n) => `word${n}`).join(' ')} stone`,
    ],
    ['one endless word', `stone ${'x'.repeat(10_000)}`],
    ['capitals and other forms', 'STONES'],
  ])('a question with %s finds the word in it', async ([, text = '']) => {
    const tenant = await newTenant()

    const found = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      await addIndexed(transaction, store, {
        passages: [{ text: 'red stone' }, { text: 'blue feather' }],
      })
      return index.search(transaction, ask([store], { text }))
    })

    expect(found.map((chunk) => chunk.text)).toEqual(['red stone'])
  })

  test.for([
    ['nothing', ''],
    ['blanks', ' \n\t\0 '],
    ['stop words alone', 'the of and is'],
    ['punctuation alone', '?!… :;'],
    ['words of nobody', 'zyzzyva'],
  ])('a question of %s finds nothing', async ([, text = '']) => {
    const tenant = await newTenant()

    const found = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      await addIndexed(transaction, store, { passages: [{ text: 'the red stone is of the kind' }] })
      return index.search(transaction, ask([store], { text }))
    })

    expect(found).toEqual([])
  })

  test('a search is one statement', async () => {
    const tenant = await newTenant()

    const statements = await database.transact(tenant, async (transaction) => {
      const store = await addStore(transaction)
      await addIndexed(transaction, store, { passages: [{ text: 'red stone' }] })
      const asked: string[] = []
      const counting: Transaction = {
        tenantId: tenant,
        last: transaction.last,
        query: (text, values) => {
          asked.push(text)
          return transaction.query(text, values)
        },
      }
      await index.search(
        counting,
        ask([store], {
          text: 'stone',
          vector: unit(...EAST),
          filter: { type: 'ne', key: 'a', value: 1 },
        }),
      )
      return asked.length
    })

    expect(statements).toBe(1)
  })

  test('a space’s name cannot smuggle SQL', () => {
    expect(() => createChunkIndex({ space: 'tiny; drop table chunks' })).toThrow(
      /cannot be the name/,
    )
  })

  test('a crowded partition: every tenant, store and filter gets its hits, by the same scores, through both indexes', async () => {
    const [crowd, tenant] = await newNeighbours()
    const many = (count: number, passage: (n: number) => Passage) =>
      Array.from({ length: count }, (_, n) => passage(n))
    const spread = (east: number) => (n: number) =>
      [east, Math.sin(n), Math.cos(n * 1.7), Math.sin(n * 2.3)] as const
    // The crowd's vectors are all nearer to the question, and its chunks say the word more often.
    await database.transact(crowd, async (transaction) => {
      const store = await addStore(transaction)
      await addIndexed(transaction, store, {
        passages: many(600, (n) => ({ text: `stone stone stone crowd${n}`, vector: spread(4)(n) })),
      })
    })
    const [big, small] = await database.transact(tenant, async (transaction) => {
      const [one, two] = [await addStore(transaction), await addStore(transaction)]
      await addIndexed(transaction, one, {
        passages: many(5001, (n) => ({ text: `filler number${n}`, vector: spread(-1)(n) })),
      })
      await addIndexed(transaction, one, {
        passages: many(5, (n) => ({ text: `stone pebble${n}`, vector: [1, n / 5, 1, 1] })),
        attributes: { rare: true },
      })
      await addIndexed(transaction, two, {
        passages: many(3, (n) => ({ text: `stone gravel${n}`, vector: [0, 0, 1, n] })),
      })
      return [one, two]
    })
    await analyze()
    const query = { text: 'stone', vector: unit(...EAST), candidates: 5 }

    const got = await database.transact(tenant, async (transaction) => {
      // As if the partition had 20,000 of the crowd's vectors: the graph gives up before it has seen five of ours.
      await transaction.query(
        "select set_config('hnsw.iterative_scan', 'off', true), set_config('hnsw.ef_search', '1', true)",
      )
      const plans: string[] = []
      const explaining: Transaction = {
        tenantId: tenant,
        last: transaction.last,
        query: async (text, values) => {
          const rows = await transaction.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values)
          plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'))
          return transaction.query(text, values)
        },
      }
      return {
        big: await index.search(explaining, ask([big], query)),
        small: await index.search(transaction, ask([small], query)),
        filtered: await index.search(
          transaction,
          ask([big], { ...query, filter: { type: 'eq', key: 'rare', value: true } }),
        ),
        both: await index.search(transaction, ask([small, big], { ...query, candidates: 8 })),
        plan: plans[0],
      }
    })

    const shape = (chunks: typeof got.big) =>
      chunks.map(({ text, similarity, bm25 }) => [
        text.split(' ')[0],
        similarity !== null,
        bm25 !== null,
      ])
    expect(shape(got.big)).toEqual(Array.from({ length: 5 }, () => ['stone', true, true]))
    expect(shape(got.small)).toEqual(Array.from({ length: 3 }, () => ['stone', true, true]))
    expect(shape(got.both).filter(([word]) => word === 'stone')).toHaveLength(8)
    expect(got.filtered).toEqual(got.big)
    expect(got.plan).toMatch(/Index Scan using vectors_tiny_\d+_embedding_idx/)
    expect(got.plan).toMatch(/Index Scan using chunks_\d+_bm25/)
  })

  test('scores are the same whether the planner scans the word index or sorts the rows', async () => {
    const tenant = await newTenant()
    const passages = Array.from({ length: 300 }, (_, n) => ({
      text: `${'stone '.repeat(1 + (n % 7))}${'filler '.repeat(n % 11)}number${n}`,
    }))
    const store = await database.transact(tenant, async (transaction) => {
      const id = await addStore(transaction)
      await addIndexed(transaction, id, { passages })
      return id
    })
    await analyze()

    const [scanned, sorted] = await database.transact(tenant, async (transaction) => {
      const plans: string[] = []
      const explaining: Transaction = {
        tenantId: tenant,
        last: transaction.last,
        query: async (text, values) => {
          const rows = await transaction.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values)
          plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'))
          return transaction.query(text, values)
        },
      }
      const query = ask([store], { text: 'stone', candidates: 100 })
      // Whose chunks share the partition is chance, and with it what the planner would take.
      const allow = async (isAllowed: boolean, ways: readonly string[]) => {
        for (const way of ways)
          await transaction.query('select set_config($1, $2, true)', [`enable_${way}`, isAllowed])
      }
      await allow(false, ['seqscan', 'bitmapscan', 'sort'])
      const first = await index.search(explaining, query)
      await allow(true, ['seqscan', 'bitmapscan', 'sort'])
      await allow(false, ['indexscan'])
      const second = await index.search(explaining, query)
      expect(plans[0]).toMatch(/Index Scan using chunks_\d+_bm25/)
      expect(plans[1]).not.toMatch(/Index Scan using chunks_\d+_bm25/)
      return [first, second]
    })

    const scores = (chunks: typeof scanned) =>
      chunks
        .map(({ bm25 }) => bm25 ?? 0)
        .toSorted((a, b) => a - b)
        .map((score) => score.toFixed(4))
    expect(new Set(scores(scanned)).size).toBeGreaterThan(2)
    expect(scores(scanned)).toEqual(scores(sorted))
  })
})
