import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from '../../src/ingest/parse/parse.ts'
import { LIMITS } from './sample-files.ts'

const DATA = resolve(import.meta.dirname, '../../../shared/data')
const isAbsent = !existsSync(DATA)
const SKIP = { skip: isAbsent }

// Skipped where the folder of test collections does not lie beside the repository.
const documents = isAbsent
  ? []
  : globSync(`${DATA}/{sec-10-q/docs,chunking-evaluation/corpora}/*.{pdf,md}`)

test('every document of the test collections is read', SKIP, async () => {
  expect(documents.length).toBeGreaterThan(10)
  for (const path of documents) {
    const document = await parse(readFileSync(path), basename(path), LIMITS)
    expect(document.text.length, path).toBeGreaterThan(10_000)
  }
})

test('a row of a quarterly report stands on one line with its figures', SKIP, async () => {
  const report = resolve(DATA, 'sec-10-q/docs/2023 Q1 AAPL.pdf')
  const { text, pages } = await parse(readFileSync(report), 'report.pdf', LIMITS)
  const page = pages[3]
  const lines = text.slice(page?.start, page?.end).split('\n')
  expect(lines).toContain('Products | $96,388 | $104,429')
  expect(lines).toContain('Total net sales | 117,154 | 123,945')
  expect(lines).toContain('Other income/(expense), net | (393) | (247)')
})
