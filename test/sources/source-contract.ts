import { Value } from 'typebox/value'
import type { TSchema } from 'typebox'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import type { SourceKind } from '../../src/core/ports/source-kind.ts'
import { list, takeAll, textOf } from './take-all.ts'

/** What a kind brings to be held to the contract: a way to make places of its kind, and to change them. */
export interface SourceHarness {
  /** A place with these documents and nothing else: their texts by name, like `notes/a.txt`. */
  open(
    documents: Readonly<Record<string, string>>,
    options: { readonly maxFileBytes: number },
  ): Promise<SourcePlace>
  /** Behind all tests. */
  close?(): Promise<void>
  /** Why a test cannot be held here, by its name; each skip carries its reason. */
  readonly skips?: Readonly<Record<string, string>>
  /** How long a notice of a change may take to come. */
  readonly noticeMs?: number
}

export interface SourcePlace {
  readonly kind: SourceKind
  readonly settings: unknown
  readonly credentials: unknown
  /** How a listing calls the document of that name. */
  keyOf(name: string): string
  /** Adds it, or changes it. What was listed before is another version from now on. */
  put(name: string, text: string): Promise<void>
  remove(name: string): Promise<void>
  /** From now on a part of it cannot be listed. */
  breakListing(): Promise<void>
  close(): Promise<void>
}

const MAX_BYTES = 10_000
const DOCUMENTS = {
  'a.txt': 'The first document speaks of apples.',
  'notes/b.txt': 'The second one, in a folder, speaks of pears.',
  'notes/deep/c.txt': 'The third one, deeper, speaks of quinces: Äpfel, 梨.',
}
const NAMES = Object.keys(DOCUMENTS)

/** Every kind of source keeps what its port promises. */
export function sourceContract(title: string, harness: SourceHarness): void {
  const check = (name: string, work: () => Promise<void>, timeout = 60_000) => {
    const reason = harness.skips?.[name]
    if (reason === undefined) test(name, { timeout }, work)
    else test.skip(`${name}: ${reason}`)
  }
  const begin = async (documents: Readonly<Record<string, string>> = DOCUMENTS) => {
    const place = await harness.open(documents, { maxFileBytes: MAX_BYTES })
    onTestFinished(() => place.close())
    const source = place.kind.open(place.settings, place.credentials)
    onTestFinished(() => source.close())
    return {
      place,
      source,
      keys: (names: readonly string[]) => names.map((name) => place.keyOf(name)),
    }
  }

  describe(`the contract of sources: ${title}`, () => {
    afterAll(() => harness.close?.())

    check('its settings fit its schema, and nothing unknown does', async () => {
      const { place } = await begin()
      const schema = place.kind.settings as TSchema

      expect(Value.Check(schema, place.settings)).toBe(true)
      expect(Value.Check(schema, { ...(place.settings as object), surprise: 1 })).toBe(false)
    })

    check('its credentials fit their schema', async () => {
      const { place } = await begin()
      const { credentials } = place.kind

      if (place.credentials === null) return
      expect(credentials).not.toBeNull()
      expect(Value.Check(credentials as TSchema, place.credentials)).toBe(true)
    })

    check('it has nothing against settings that are well', async () => {
      const { place } = await begin()

      expect(place.kind.refusal(place.settings, place.credentials)).toBeNull()
    })

    check('lists every document once, and reads what is in it', async () => {
      const { place, source } = await begin()
      const taken = await takeAll(source)

      expect(Object.fromEntries(taken.texts)).toEqual(
        Object.fromEntries(
          Object.entries(DOCUMENTS).map(([name, text]) => [place.keyOf(name), text]),
        ),
      )
    })

    check('names files so that their type can be told, and gives plain attributes', async () => {
      const { source } = await begin()
      const { contents } = await takeAll(source)

      for (const { filename, attributes } of contents.values()) {
        expect(filename).toMatch(/^[^/\\]+\.[A-Za-z0-9]+$/)
        for (const value of Object.values(attributes))
          expect(['boolean', 'number', 'string']).toContain(typeof value)
      }
    })

    check('remembers at most 64 KiB of a document', async () => {
      const { source } = await begin()
      const { contents } = await takeAll(source)

      for (const { memory } of contents.values())
        expect(Buffer.byteLength(memory ?? '')).toBeLessThanOrEqual(65_536)
    })

    check('what has not changed is told as unchanged, or reads the same', async () => {
      const { place, source } = await begin()
      const first = await takeAll(source)
      const second = await takeAll(source, { known: first.known })

      for (const name of NAMES) expect(second.sameAs(first, place.keyOf(name))).toBe(true)
    })

    check('a change is told, and of what it is', async () => {
      const { place, source } = await begin()
      const first = await takeAll(source)
      await place.put('notes/b.txt', 'The second one now speaks of plums.')
      const second = await takeAll(source, { known: first.known })

      const changed = NAMES.filter((name) => !second.sameAs(first, place.keyOf(name)))
      expect(changed).toEqual(['notes/b.txt'])
      expect(second.texts.get(place.keyOf('notes/b.txt'))).toBe(
        'The second one now speaks of plums.',
      )
    })

    check('a change that keeps the length is told', async () => {
      const { place, source } = await begin({ 'a.txt': 'red apples' })
      const first = await takeAll(source)
      await place.put('a.txt', 'big apples')
      const second = await takeAll(source, { known: first.known })

      expect(second.texts.get(place.keyOf('a.txt'))).toBe('big apples')
    })

    check('what is added is listed, what is removed is not', async () => {
      const { place, source, keys } = await begin()
      const first = await takeAll(source)
      await place.put('notes/d.txt', 'A fourth one.')
      await place.remove('a.txt')
      const second = await takeAll(source, { known: first.known })

      expect([...second.documents].toSorted()).toEqual(
        keys(['notes/b.txt', 'notes/d.txt', 'notes/deep/c.txt']).toSorted(),
      )
    })

    check('an empty place is listed as empty', async () => {
      const { place, source } = await begin({ 'a.txt': 'Soon gone.' })
      await place.remove('a.txt')
      const { documents } = await takeAll(source)

      expect(documents).toEqual([])
    })

    check('of keys that are named, those alone are listed', async () => {
      const { source, keys } = await begin()
      const named = keys(['a.txt', 'notes/deep/c.txt'])
      const { documents } = await takeAll(source, { keys: named })

      expect([...documents].toSorted()).toEqual(named.toSorted())
    })

    check('of keys that are named, what has gone is told as gone', async () => {
      const { place, source, keys } = await begin()
      const [gone = '', stays = ''] = keys(['a.txt', 'notes/b.txt'])
      const first = await takeAll(source)
      await place.remove('a.txt')
      const second = await takeAll(source, { keys: [gone, stays], known: first.known })

      expect(second.gone).toEqual([gone])
      expect(second.documents).toEqual([stays])
    })

    check('a listing that is not whole throws', async () => {
      const { place, source } = await begin()
      await place.breakListing()

      await expect(takeAll(source, { reads: false })).rejects.toThrow(/\S/)
    })

    check('a listing that is aborted ends so', async () => {
      const { source } = await begin()
      const reason = new Error('enough')
      const listing = list(source, { signal: AbortSignal.abort(reason) })

      await expect(Array.fromAsync(listing)).rejects.toThrow('enough')
    })

    check('a document that is not read costs nothing but its place in the list', async () => {
      const { source, keys } = await begin()
      const { documents } = await takeAll(source, { reads: false })

      expect([...documents].toSorted()).toEqual(keys(NAMES).toSorted())
    })

    check('what goes between the listing and the reading is gone, or what was listed', async () => {
      const { place, source } = await begin({ 'a.txt': 'Soon gone.' })
      for await (const item of list(source)) {
        if (item.type !== 'document') continue
        await place.remove('a.txt')
        const content = await item.read()
        if (content.type === 'content') expect(await textOf(content)).toBe('Soon gone.')
        else expect(content.type).toBe('gone')
      }
    })

    check('what is too large is skipped, or refused when it is read', async () => {
      const { place, source } = await begin({
        'a.txt': 'Small.',
        'large.txt': 'x'.repeat(MAX_BYTES + 1),
      })
      const told = new Map<string, string>()
      for await (const item of list(source)) {
        if (item.type !== 'document') {
          told.set(item.key, item.type)
          continue
        }
        const code = await item
          .read()
          .then((content) => (content.type === 'content' ? textOf(content) : ''))
          .then(
            () => 'read',
            (error: unknown) => Object(error) as { code?: string },
          )
        told.set(item.key, typeof code === 'string' ? code : (code.code ?? 'unknown'))
      }

      expect(told.get(place.keyOf('a.txt'))).toBe('read')
      expect(['file_too_large', 'skipped']).toContain(told.get(place.keyOf('large.txt')))
    })

    check('reasons are sentences', async () => {
      const { source } = await begin({ 'a.txt': 'Small.', 'large.txt': 'x'.repeat(MAX_BYTES + 1) })
      for await (const item of list(source)) {
        if (item.type === 'skipped' || item.type === 'failed')
          expect(item.reason).toMatch(/^[A-Z“].*\.$/s)
      }
    })

    check('where it tells of changes, it tells of one, and ends when asked', async () => {
      const { place, source } = await begin()
      if (source.changes === undefined) return
      const ending = new AbortController()
      const wanted = place.keyOf('notes/new.txt')
      let began: () => void = () => undefined
      const beginning = new Promise<void>((resolve) => {
        began = resolve
      })
      const patience = setTimeout(() => ending.abort(), harness.noticeMs ?? 30_000)
      const told = (async () => {
        let putAt = Number.POSITIVE_INFINITY
        for await (const notice of source.changes?.(ending.signal) ?? []) {
          const { keys } = notice
          await notice.acknowledge()
          if (keys?.includes(wanted) === true) return true
          // The first notice of a kind that tells of everything once, because nobody watched before.
          if (keys === null && performance.now() > putAt) return true
          putAt = performance.now()
          began()
        }
        return false
      })()
      // A kind that says nothing before something happens is given a moment to begin.
      await Promise.race([beginning, new Promise((resolve) => setTimeout(resolve, 1_000))])
      await place.put('notes/new.txt', 'Something new.')

      expect(await told).toBe(true)
      clearTimeout(patience)
      ending.abort()
    })
  })
}
