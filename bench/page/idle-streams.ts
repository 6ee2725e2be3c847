import type { IdleStreams } from '../../test/idle-streams.ts'
import type { Environment } from '../results.ts'
import { provenance, table } from './markdown.ts'

export type IdleStreamResults = IdleStreams & { readonly environment: Environment }

export function describeIdleStreams(results: IdleStreamResults): string {
  const { environment, streams, residentMiBFresh, residentMiBBefore, residentMiBHeld } = results
  return `### Answers that are waited for

${streams.toLocaleString('en')} answers are streamed at once by a model that says nothing yet. Each has been searched for and is kept alive. As many
were asked and given up before, so that what is counted is what waiting holds, not what searching leaves in the heap.

${table(
  ['resident memory', 'MiB'],
  [
    ['as the server began', Math.round(residentMiBFresh)],
    [`after ${streams.toLocaleString('en')} that were given up`, Math.round(residentMiBBefore)],
    [`with ${streams.toLocaleString('en')} held`, Math.round(residentMiBHeld)],
    ['more than before', Math.round(residentMiBHeld - residentMiBBefore)],
    ['more than at the beginning', Math.round(residentMiBHeld - residentMiBFresh)],
  ],
)}

${provenance(environment)}
`
}
