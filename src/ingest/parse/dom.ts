import { DOMParser, parseHTML } from 'linkedom'
import { defaultTreeAdapter, parse, serialize } from 'parse5'
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
export function parseHtmlDom(html: string): DomDocument {
  const { document } = parseHTML(serialize(parse(html, { treeAdapter: boundedTree() })))
  return document as unknown as DomDocument
}

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
