import { expect, test } from 'vitest'
import { LIMITS, outline, utf8 } from '../../../test/ingest/sample-files.ts'
import { parse } from './parse.ts'

const SOURCE = `---
title: House rules
---

# Rules

Be *kind*, see [this](https://example.org).

- one
  - inner
- two

> quoted

\`\`\`ts
const a = 1
\`\`\`

| a | b |
|---|---|
| 1 | 2 |

***

[ref]: https://example.org
`

test('the text is the source, blocks are its nodes', async () => {
  const document = await parse(utf8(SOURCE), 'rules.md', LIMITS)
  expect(document.text).toBe(SOURCE)
  expect(document.mediaType).toBe('text/markdown')
  expect(outline(document)).toEqual([
    ['code', '---\ntitle: House rules\n---'],
    ['heading1', '# Rules'],
    ['paragraph', 'Be *kind*, see [this](https://example.org).'],
    ['list', '- one\n  - inner'],
    ['list', '- two'],
    ['quote', '> quoted'],
    ['code', '```ts\nconst a = 1\n```'],
    ['table', '| a | b |\n|---|---|\n| 1 | 2 |'],
    ['paragraph', '***'],
    ['paragraph', '[ref]: https://example.org'],
  ])
})

test('the title is the front matter’s, else the first heading of the first level', async () => {
  expect((await parse(utf8(SOURCE), 'rules.md', LIMITS)).title).toBe('House rules')
  expect((await parse(utf8('## Sub\n\n# Main *title*\n'), 'x.md', LIMITS)).title).toBe('Main title')
})

test('front matter that is no YAML leaves the document readable', async () => {
  const document = await parse(utf8('---\n: [\n---\n\n# Still here\n'), 'x.md', LIMITS)
  expect(document.title).toBe('Still here')
})

test('Markdown is known by its looks when the name says nothing', async () => {
  expect((await parse(utf8('# A\n\n**bold** text\n'), 'README', LIMITS)).mediaType).toBe(
    'text/markdown',
  )
})
