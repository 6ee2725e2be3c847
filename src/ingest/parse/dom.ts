import { DOMParser, parseHTML } from 'linkedom'
import { parse, serialize } from 'parse5'

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
  const { document } = parseHTML(serialize(parse(html)))
  return document as unknown as DomDocument
}

/** XHTML, where every tag is spelled out and an empty one may close itself; lenient about what is not well-formed. */
export function parseXhtmlDom(xhtml: string): DomDocument {
  return parseHTML(xhtml).document as unknown as DomDocument
}

/** Entities of the document's own are not expanded. */
export function parseXmlDom(xml: string): DomDocument {
  return new DOMParser().parseFromString(xml, 'text/xml') as unknown as DomDocument
}
