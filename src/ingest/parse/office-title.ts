import type { Archive } from './archive.ts'
import { parseXmlDom } from './dom.ts'

// What programs write when nobody gave a title.
const MEANINGLESS = /^(?:(?:power\s?point\s)?presentation|document\d*|untitled.*|book\d*)$/i

/** The title an office file states about itself; null when nobody wrote one. */
export async function readCoreTitle(archive: Archive): Promise<string | null> {
  const core = await archive.read('docProps/core.xml')
  if (core === null) return null
  const document = parseXmlDom(new TextDecoder().decode(core))
  const title = document.querySelector('dc\\:title')?.textContent.trim() ?? ''
  return title === '' || MEANINGLESS.test(title) ? null : title
}
