import { isProbablyReaderable, Readability } from '@mozilla/readability'
import type { ParseLimits } from '../../core/document.ts'
import type { Tell } from '../../core/tell.ts'
import { parseHtmlDom, type DomDocument, type DomNode } from './dom.ts'
import { addHtmlBlocks } from './html-blocks.ts'
import { createTextBuilder, type Draft } from './text-builder.ts'

// Readability may drop menus and teasers, not half of a page that is no article.
const ARTICLE_SHARE = 0.5

/** The article where the page is one, else all that a reader would see. */
export function parseHtml(html: string, limits: ParseLimits, tell: Tell): Draft {
  // What a reader would see is looked for twice: in all of it, and in its article.
  const document = parseHtmlDom(html, (done, of) => tell(done, 2 * of))
  const title = titleOf(document)
  const whole = createTextBuilder(limits.maxExpandedBytes)
  addHtmlBlocks(whole, document.documentElement ?? document)
  const wholeDraft = whole.build(title ?? whole.firstHeading())
  tell(3, 4)

  const article = readArticle(document)
  if (article === null) return wholeDraft
  const builder = createTextBuilder(limits.maxExpandedBytes)
  // Readability removes a heading that repeats the title.
  if (title !== null && article.querySelector('h1') === null) builder.addHeading(1, title)
  addHtmlBlocks(builder, article)
  const draft = builder.build(title ?? builder.firstHeading())
  return draft.text.length >= wholeDraft.text.length * ARTICLE_SHARE ? draft : wholeDraft
}

/** Changes the document. */
function readArticle(document: DomDocument): DomNode | null {
  const page = document as unknown as ConstructorParameters<typeof Readability>[0]
  if (!isProbablyReaderable(page)) return null
  const article = new Readability(page).parse()
  return article?.content ? parseHtmlDom(article.content).documentElement : null
}

function titleOf(document: DomDocument): string | null {
  const stated = document.querySelector('meta[property="og:title"]')?.getAttribute('content')
  const title = stated ?? document.querySelector('head title, title')?.textContent ?? ''
  return title.trim() === '' ? null : title
}
