import type { KnownItem, SourceItem } from '../../core/ports/source-kind.ts'
import type { Waiting } from './frontier.ts'
import { fileVersion, memoryOf, pageContent } from './page-content.ts'
import { readMemory, writeMemory, type PageMemory } from './page-memory.ts'
import { UNINDEXED, type Because, type Visit } from './visit-page.ts'

/** What a visit means for the listing. */
export interface Verdict {
  readonly item: SourceItem | null
  /** Null where it may link to what nobody knows. */
  readonly links: readonly string[] | null
  /** The page is there now. */
  readonly moved: URL | null
  /** The site did not answer. */
  readonly isSilent: boolean
  /** Whoever did not read the item lets go of the answer. */
  readonly release: () => Promise<void>
}

interface Visited {
  readonly entry: Waiting
  readonly known: KnownItem | null
  readonly maxFileBytes: number
  readonly hasHost: (url: URL) => boolean
}

type Of<Type extends Visit['type']> = Extract<Visit, { readonly type: Type }>

export const NOTHING: Verdict = {
  item: null,
  links: [],
  moved: null,
  isSilent: false,
  release: async () => undefined,
}

const MOST_HOPS = 5

export function judgeVisit(visit: Visit, visited: Visited): Verdict {
  const { entry, known } = visited
  switch (visit.type) {
    case 'unchanged': {
      const memory = { ...visit.memory, lastmod: entry.lastmod }
      return { ...NOTHING, item: sameItem(entry.url, known, memory), links: memory.links }
    }
    case 'page': {
      return judgePage(visit, visited)
    }
    case 'file': {
      return judgeFile(visit, visited)
    }
    case 'redirect': {
      return judgeRedirect(visit, visited)
    }
    case 'gone': {
      return refuse(visited, { reason: `The site answers ${visit.status}.`, because: 'unwanted' })
    }
    case 'refused': {
      return refuse(visited, visit)
    }
    case 'failed': {
      const reason = visit.error.message
      return { ...NOTHING, ...failure(visited, reason), isSilent: true }
    }
  }
}

function judgePage({ page }: Of<'page'>, { entry, known, maxFileBytes }: Visited): Verdict {
  const { response, content, version, links } = page
  const key = entry.url.href
  if (page.noindex) return { ...NOTHING, item: leave(key, known, UNINDEXED), links }
  const memory = memoryOf(response, { links, lastmod: entry.lastmod })
  if (version === known?.version) {
    return { ...NOTHING, item: sameItem(entry.url, known, memory), links }
  }
  const read = async () =>
    pageContent({ response, content: [content], ending: 'html', version, memory, maxFileBytes })
  return {
    ...NOTHING,
    item: { type: 'document', key, version, bytes: content.length, read },
    links,
  }
}

function judgeFile(visit: Of<'file'>, { entry, known, maxFileBytes }: Visited): Verdict {
  const { response, ending } = visit
  const release = () => response.discard()
  const version = fileVersion(response)
  const memory = memoryOf(response, { links: [], lastmod: entry.lastmod })
  if (version !== null && version === known?.version) {
    return { ...NOTHING, item: sameItem(entry.url, known, memory), release }
  }
  const read = async () =>
    pageContent({ response, content: response.body, ending, version, memory, maxFileBytes })
  const item = { type: 'document', key: entry.url.href, version, bytes: null, read } as const
  return { ...NOTHING, item, release }
}

function judgeRedirect({ to, lasting }: Of<'redirect'>, visited: Visited): Verdict {
  const because = lasting ? 'unwanted' : 'denied'
  if (to === null) {
    return refuse(visited, { reason: 'It redirects to what is no address of the web.', because })
  }
  if (!visited.hasHost(to)) {
    const reason = `It redirects to ${to.host}, another site: name it in \`hosts\` if it belongs to the source.`
    return refuse(visited, { reason, because })
  }
  return visited.entry.hops < MOST_HOPS
    ? { ...NOTHING, moved: to }
    : refuse(visited, { reason: `It redirects more than ${MOST_HOPS} times.`, because })
}

function refuse(
  visited: Visited,
  { reason, because }: { readonly reason: string; readonly because: Because },
): Verdict {
  const { entry, known } = visited
  const key = entry.url.href
  // Where one begins, what is not there is more likely a mistake than the wish of the site.
  if (entry.isStart && known === null) return { ...NOTHING, ...failure(visited, reason) }
  if (because === 'unwanted') {
    return { ...NOTHING, item: leave(key, known, reason), links: entry.isStart ? null : [] }
  }
  if (because === 'limit' || known === null) {
    return { ...NOTHING, item: { type: 'skipped', key, reason } }
  }
  const { item, links } = failure(visited, reason)
  return { ...NOTHING, item, links: links ?? [] }
}

/** What the page linked to when it was last read is taken to be there. */
function failure(
  { entry, known }: Visited,
  reason: string,
): { readonly item: SourceItem; readonly links: readonly string[] | null } {
  const memory = readMemory(known?.memory ?? null, entry.url)
  return { item: { type: 'failed', key: entry.url.href, reason }, links: memory?.links ?? null }
}

/** Nothing to read, but perhaps something to remember: then it is asked for, and says that nothing has changed. */
function sameItem(url: URL, known: KnownItem | null, memory: PageMemory): SourceItem {
  const text = writeMemory(memory, url)
  const version = text === known?.memory ? known.version : null
  const read = async () => ({ type: 'unchanged', memory: text }) as const
  return { type: 'document', key: url.href, version, bytes: null, read }
}

/** What was taken once goes away with the wish of the site; what was not is told with the reason. */
export function leave(key: string, known: KnownItem | null, reason: string): SourceItem {
  return known === null ? { type: 'skipped', key, reason } : { type: 'gone', key }
}
