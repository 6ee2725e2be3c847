import { DOMParser, parseHTML } from 'linkedom'
import { defaultTreeAdapter, Parser, serialize } from 'parse5'
import { tellNobody, type Tell } from '../../core/tell.ts'
import { parseFailure } from './parse-failure.ts'

/** As much of a DOM node as the parsers look at. */
export interface DomNode {
  /** 1 is an element, 3 a text, 4 a CDATA section. */
  readonly nodeType: number
  readonly localName: string
  readonly textContent: string
  readonly childNodes: Iterable<DomNode>
  getAttribute(name: string): string | null
  querySelector(selector: string): DomNode | null
  querySelectorAll(selector: string): Iterable<DomNode>
}

export interface DomDocument extends DomNode {
  readonly documentElement: DomNode | null
}

/**
 * As a browser would read it: tags that HTML lets an author leave out are put in (parse5), for the DOM takes tags as they
 * come. A fragment becomes the body of a document. Runs no script and loads nothing.
 */
export function parseHtmlDom(html: string, tell: Tell = tellNobody): DomDocument {
  const parser = new Parser({ treeAdapter: boundedTree() })
  // In pieces, so that it can be told between two of them; an empty text is one piece, too.
  let at = 0
  do {
    const end = Math.min(at + PIECE, html.length)
    parser.tokenizer.write(html.slice(at, end), end === html.length)
    at = end
    // The other half is to read the tags that were put in.
    if (at > 0) tell(at, 2 * html.length)
  } while (at < html.length)
  const { document } = parseHTML(serialize(parser.document))
  tell(1, 1)
  return document as unknown as DomDocument
}

const PIECE = 64 * 1024

/** Whatever walks a tree that deep runs out of stack, and each level makes every further one cost more to read. */
const DEEPEST = 20_000

function boundedTree(): typeof defaultTreeAdapter {
  let depth = 0
  return {
    ...defaultTreeAdapter,
    onItemPush() {
      depth += 1
      if (depth > DEEPEST) {
        throw parseFailure(
          'file_malformed',
          'The file is nested too deeply to be read. Export it in a simpler form.',
        )
      }
    },
    onItemPop() {
      depth -= 1
    },
  }
}

/** XHTML, where every tag is spelled out and an empty one may close itself; lenient about what is not well-formed. */
export function parseXhtmlDom(xhtml: string): DomDocument {
  return parseHTML(xhtml).document as unknown as DomDocument
}

/** Entities of the document's own are not expanded. */
export function parseXmlDom(xml: string): DomDocument {
  return new DOMParser().parseFromString(xml, 'text/xml') as unknown as DomDocument
}
