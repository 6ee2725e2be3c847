import type { Reach } from '../outside/reach.ts'

/** Which addresses may be connected to that a source names. */
export type SourceReach = Pick<Reach, 'lookup' | 'refusal'>
