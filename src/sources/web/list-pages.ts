import { AppError } from '../../core/errors.ts'
import type { KnownItem, ListOptions, SourceItem } from '../../core/ports/source-kind.ts'
import { createCrawlCourse, type CourseOptions } from './crawl-course.ts'
import type { Waiting } from './frontier.ts'
import { judgeVisit, leave, NOTHING, type Verdict } from './judge-visit.ts'
import { readMemory } from './page-memory.ts'
import type { SiteRules } from './robots.ts'
import type { Visit } from './visit-page.ts'

export interface ListDeps extends CourseOptions {
  readonly maxFileBytes: number
  readonly trustLastmod: boolean
  readonly rulesOf: (url: URL, signal: AbortSignal) => Promise<SiteRules>
  readonly visit: (wanted: {
    readonly url: URL
    readonly known: KnownItem | null
    readonly needsLinks: boolean
    readonly signal: AbortSignal
  }) => Promise<Visit>
}

const ROBOTS_FORBID = 'The robots.txt of the site asks not to fetch it.'

/** What the frontier leads to. Throws where what it leads to cannot all be known. */
export async function* listPages(
  deps: ListDeps,
  { known, signal }: Pick<ListOptions, 'known' | 'signal'>,
): AsyncGenerator<SourceItem> {
  const { frontier } = deps
  const course = createCrawlCourse(deps)
  for (let entry = frontier.next(); entry !== undefined; entry = frontier.next()) {
    signal.throwIfAborted()
    const before = await known(entry.url.href)
    if (course.isFull()) {
      const item = course.beyond(entry.url, before)
      if (item !== null) yield item
      continue
    }
    const follows = course.follows(entry)
    const verdict = await lookAt(deps, { entry, before, follows, signal })
    try {
      if (verdict.item !== null && isTold(deps, entry, verdict.item)) yield verdict.item
    } finally {
      await verdict.release()
    }
    course.note(entry, verdict)
  }
  course.finish()
}

/** Of pages that are only on the way no more is told than that they cannot be read. */
const isTold = ({ scope, depth }: ListDeps, { url, isStart }: Waiting, item: SourceItem): boolean =>
  item.type === 'failed' || scope.takes(url) || (isStart && depth === null)

/** Of one address: nothing is asked for that the site forbids, or that its sitemap says is as it was. */
export async function lookAt(
  deps: Pick<ListDeps, 'maxFileBytes' | 'rulesOf' | 'scope' | 'trustLastmod' | 'visit'>,
  wanted: {
    readonly entry: Waiting
    readonly before: KnownItem | null
    readonly follows: boolean
    readonly signal: AbortSignal
  },
): Promise<Verdict> {
  const { entry, before, follows, signal } = wanted
  const { url, lastmod } = entry
  const judge = (visit: Visit) =>
    judgeVisit(visit, {
      entry,
      known: before,
      maxFileBytes: deps.maxFileBytes,
      hasHost: deps.scope.hasHost,
    })
  const memory = readMemory(before?.memory ?? null, url)
  if (deps.trustLastmod && memory !== null && lastmod !== null && memory.lastmod === lastmod) {
    return judge({ type: 'unchanged', memory })
  }
  try {
    const rules = await deps.rulesOf(url, signal)
    if (!rules.allows(url)) return { ...NOTHING, item: leave(url.href, before, ROBOTS_FORBID) }
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError)) throw error
    return judge({ type: 'failed', error })
  }
  return judge(await deps.visit({ url, known: before, needsLinks: follows, signal }))
}
