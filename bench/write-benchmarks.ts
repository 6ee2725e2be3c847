// docs/benchmarks.md and docs/chunk-sizes.svg from bench/results/*.json: no figure is typed by hand.
//   node bench/write-benchmarks.ts
import { writeFile } from 'node:fs/promises'
import { describeChaos, type ChaosResults } from './page/chaos.ts'
import { describeFairness, type FairnessResults } from './page/fairness.ts'
import { describeFolderSync, type FolderSyncResults } from './page/folder-sync.ts'
import { describeFusion, type FusionResults } from './page/fusion.ts'
import { describeIdleStreams, type IdleStreamResults } from './page/idle-streams.ts'
import { describeIngestion, type IngestionResults } from './page/ingestion.ts'
import { describeLexicalWays, type LexicalWayResults } from './page/lexical-ways.ts'
import { describeLoad, type LoadResults } from './page/load.ts'
import { describeJobs, type JobResults } from './page/jobs.ts'
import { describePeers, type PeerResults } from './page/peers.ts'
import { describeLimits, type LimitResults } from './page/limits.ts'
import {
  describeQuality,
  describeSizes,
  describeSpans,
  type QualityResults,
  type SpanResults,
  type WayResults,
} from './page/quality.ts'
import { describeRequestOverhead, type RequestOverheadResults } from './page/request-overhead.ts'
import { describeServerFigures, type ServerResults } from './page/server.ts'
import { describeSync, type SyncResults } from './page/sync.ts'
import { describeSearch, type SearchResults } from './page/speed.ts'
import { describeWorkers, type WorkersResults } from './page/workers.ts'
import { describeWords, type WordResults } from './page/words.ts'
import { readAllResults, readResults } from './results.ts'
import { plotSpans } from './span-plot.ts'

const HEAD = `<!-- Written by bench/write-benchmarks.ts: not to be edited by hand. -->

# Benchmarks

Measured by the programs in \`bench/\`, whose results lie in \`bench/results\`; under each table stand the day, the machine
and the command. What was tried, and why the defaults are what they are, is in [performance.md](performance.md). Trust the
order of these figures, not their digits: a small shared machine measured them.
`

const spans = await readAllResults<SpanResults>('spans')
const ways = await readAllResults<WayResults>('ways')
const sections = [
  HEAD,
  describeQuality(await readAllResults<QualityResults>('quality'), ways),
  await section<FusionResults>('fusion', describeFusion),
  describeSpans(spans),
  describeSizes(ways),
  describeSearch(await readAllResults<SearchResults>('search')),
  await section<WordResults>('words', describeWords),
  await section<LexicalWayResults>('lexical-ways', describeLexicalWays),
  await section<IngestionResults>('ingestion', describeIngestion),
  await section<WorkersResults>('workers', describeWorkers),
  await section<JobResults>('jobs', describeJobs),
  await section<FolderSyncResults>('folder-sync', describeFolderSync),
  await section<SyncResults>('sync', describeSync),
  describeChaos(await readAllResults<ChaosResults>('chaos')),
  await section<ServerResults>('server', describeServerFigures),
  await section<LoadResults>('load', describeLoad),
  await section<LimitResults>('limits', describeLimits),
  await section<RequestOverheadResults>('request-overhead', describeRequestOverhead),
  await section<IdleStreamResults>('idle-streams', describeIdleStreams),
  await section<PeerResults>('peers', describePeers),
  await section<FairnessResults>('fairness', describeFairness),
]
const docs = new URL('../docs/', import.meta.url)
await writeFile(new URL('benchmarks.md', docs), sections.filter(Boolean).join('\n'))
if (spans.length > 0)
  await writeFile(new URL('chunk-sizes.svg', docs), plotSpans(spans.flatMap(({ rows }) => rows)))

async function section<Results extends object>(
  name: string,
  describe: (results: Results) => string,
): Promise<string> {
  const results = await readResults<Results>(name)
  if (results === null) process.stderr.write(`${name} was not measured yet\n`)
  return results === null ? '' : describe(results)
}
