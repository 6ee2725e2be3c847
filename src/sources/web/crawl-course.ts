import { AppError } from '../../core/errors.ts'
import type { KnownItem, SourceItem } from '../../core/ports/source-kind.ts'
import type { Frontier, Waiting } from './frontier.ts'
import type { Verdict } from './judge-visit.ts'
import { isMedia } from './readable-types.ts'
import type { SiteScope } from './site-scope.ts'

/** How far a listing has come, and where it goes from there. */
export interface CrawlCourse {
  /** As many pages as the source takes, or as many requests as that may need. */
  isFull(): boolean
  /** What is told of an address that comes too late; null for one of very many that nobody knows. */
  beyond(url: URL, known: KnownItem | null): SourceItem | null
  follows(entry: Waiting): boolean
  /** Throws where the site has stopped to answer. */
  note(entry: Waiting, verdict: Verdict): void
  /** Throws where pages may be missing, because what links to them could not be read. */
  finish(): void
}

export interface CourseOptions {
  readonly scope: SiteScope
  readonly frontier: Frontier
  /** Links that are followed from page to page; null where none are. */
  readonly depth: number | null
  readonly maxPages: number
}

/** Addresses past the most that are named one by one, unless they are known. */
const MOST_TOLD = 100
const MOST_SILENT_IN_A_ROW = 5

export function createCrawlCourse({
  scope,
  frontier,
  depth,
  maxPages,
}: CourseOptions): CrawlCourse {
  const unread: string[] = []
  const mostAsked = maxPages * 3 + 100
  let pages = 0
  let asked = 0
  let told = 0
  let silent = 0

  const follows = (entry: Waiting) => depth !== null && entry.depth < depth
  const addLinks = (links: readonly string[], from: Waiting) => {
    for (const link of links) {
      const url = new URL(link)
      if (!scope.enters(url) || isMedia(url)) continue
      frontier.add({ url, depth: from.depth + 1, hops: 0, isStart: false, lastmod: null })
    }
  }

  return {
    isFull: () => pages >= maxPages || asked >= mostAsked,

    beyond({ href }, known) {
      if (known === null && ++told > MOST_TOLD) return null
      const reason = `It is past the ${maxPages} pages that the source takes: raise \`max_pages\`, or narrow it with \`include\` and \`exclude\`.`
      return { type: 'skipped', key: href, reason }
    },

    follows,

    note(entry, { item, links, moved, isSilent }) {
      asked += 1
      if (item?.type === 'document') pages += 1
      silent = isSilent ? silent + 1 : 0
      if (silent === MOST_SILENT_IN_A_ROW) throw incomplete([...unread, entry.url.href])
      if (moved !== null && (entry.isStart || scope.enters(moved))) {
        frontier.addNext({ ...entry, url: moved, hops: entry.hops + 1 })
      }
      if (!follows(entry)) return
      if (links === null) unread.push(entry.url.href)
      else addLinks(links, entry)
    },

    finish() {
      if (unread.length > 0) throw incomplete(unread)
    },
  }
}

function incomplete(unread: readonly string[]): AppError {
  const [first = ''] = unread
  const others = unread.length === 1 ? '' : ` and ${unread.length - 1} more pages`
  return new AppError(
    'provider_unavailable',
    `The page ${first}${others} could not be read, so what is linked from there is not known, and nothing is taken for deleted. Put what never answers into \`exclude\`.`,
  )
}
