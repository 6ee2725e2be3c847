import { expect, test } from 'vitest'
import { LIMITS, outline, utf8 } from '../../../test/ingest/sample-files.ts'
import { parse } from './parse.ts'

async function outlineOf(html: string): Promise<readonly (readonly [string, string])[]> {
  return outline(await parse(utf8(html), 'page.html', LIMITS))
}

test('headings, paragraphs, lists, tables, code and quotes become blocks', async () => {
  const html = `<!doctype html><html><head><title>Ignored here</title></head><body>
    <h1>Travel  policy</h1><p>Book <b>early</b>,<br>always.</p>
    <h2>Steps</h2><ol><li>Ask<ul><li>your lead</li></ul></li><li>Book</li></ol>
    <table><tr><th>City</th><th>Limit</th></tr><tr><td>Rome</td><td>120&nbsp;€</td></tr></table>
    <pre>if (a) {\n  b()\n}</pre><blockquote><p>Be kind.</p><p>Always.</p></blockquote>
    <dl><dt>VAT</dt><dd>Value added tax</dd></dl></body></html>`
  expect(await outlineOf(html)).toEqual([
    ['heading1', 'Travel policy'],
    ['paragraph', 'Book early,\nalways.'],
    ['heading2', 'Steps'],
    ['list', '1. Ask\n  - your lead'],
    ['list', '2. Book'],
    ['table', 'City | Limit\nRome | 120 €'],
    ['code', 'if (a) {\n  b()\n}'],
    ['quote', 'Be kind.\nAlways.'],
    ['list', 'VAT: Value added tax'],
  ])
})

test('scripts, styles, menus and what is hidden are left out', async () => {
  const html = `<html><body><nav>Menu</nav><script>steal()</script><style>p{}</style>
    <p hidden>one</p><p style="display: none">two</p><div aria-hidden="true">three</div>
    <template>four</template><noscript>five</noscript><p>Seen</p></body></html>`
  expect(await outlineOf(html)).toEqual([['paragraph', 'Seen']])
})

test('text between blocks is a paragraph of its own', async () => {
  const html = '<html><body>one<div>two</div>three <a href="#"><h3>four</h3></a></body></html>'
  expect(await outlineOf(html)).toEqual([
    ['paragraph', 'one'],
    ['paragraph', 'two'],
    ['paragraph', 'three'],
    ['heading3', 'four'],
  ])
})

test('a table that only arranges the page is read as its contents', async () => {
  const html =
    '<html><body><table><tr><td><h2>Left</h2></td><td><p>Right</p></td></tr></table></body></html>'
  expect(await outlineOf(html)).toEqual([
    ['heading2', 'Left'],
    ['paragraph', 'Right'],
  ])
})

test('the title is the page’s, not a heading’s', async () => {
  const html =
    '<html><head><title> Annual\n report </title></head><body><h1>Hello</h1></body></html>'
  expect((await parse(utf8(html), 'x.html', LIMITS)).title).toBe('Annual report')
})

test('an article is read without the teasers around it, and keeps its title', async () => {
  const prose =
    'The committee met on Tuesday, discussed the budget, and approved it after a long debate. '
  const paragraphs = Array.from(
    { length: 8 },
    (_, index) => `<p>${index}: ${prose.repeat(4)}</p>`,
  ).join('')
  const html = `<html><head><title>Budget approved</title></head><body>
    <div class="sidebar menu"><a href="/a">Sports</a> <a href="/b">Weather</a></div>
    <article><h1>Budget approved</h1>${paragraphs}</article>
    <div class="comment footer">Subscribe to our newsletter</div></body></html>`
  const blocks = await outlineOf(html)
  expect(blocks[0]).toEqual(['heading1', 'Budget approved'])
  expect(blocks).toHaveLength(9)
})

test('a page of a hundred thousand nested elements fails with a sentence or is read', async () => {
  const html = `<html><body>${'<div>'.repeat(100_000)}deep${'</div>'.repeat(100_000)}</body></html>`
  await expect(parse(utf8(html), 'deep.html', LIMITS)).rejects.toMatchObject({
    code: 'file_malformed',
  })
})

test('a page whose author left out the tags that may be left out is read whole', async () => {
  const html =
    '<!doctype html><title>Dye</title><h1>Madder</h1><p>It gives red.<p>Weld gives yellow.'

  expect(await outlineOf(html)).toEqual([
    ['heading1', 'Madder'],
    ['paragraph', 'It gives red.'],
    ['paragraph', 'Weld gives yellow.'],
  ])
})
