/** Half-open range of positions in one document. */
export interface Span {
  readonly documentId: string
  readonly start: number
  readonly end: number
}

export interface SpanScores {
  /** Of the wanted characters, the share that was retrieved. */
  readonly recall: number
  /** Of the retrieved characters (counted once), the share that was wanted. */
  readonly precision: number
  /** Intersection over union. */
  readonly iou: number
}

/**
 * How well retrieved spans cover the wanted ones, as in chunking_evaluation
 * (Smith and Troynikov 2024), except that overlapping retrieved spans count once here.
 */
export function scoreSpans(retrieved: readonly Span[], wanted: readonly Span[]): SpanScores {
  const found = merge(retrieved)
  const goal = merge(wanted)
  const shared = intersection(found, goal)
  const foundLength = length(found)
  const goalLength = length(goal)
  return {
    recall: goalLength === 0 ? 0 : shared / goalLength,
    precision: foundLength === 0 ? 0 : shared / foundLength,
    iou: shared === 0 ? 0 : shared / (foundLength + goalLength - shared),
  }
}

function merge(spans: readonly Span[]): readonly Span[] {
  const sorted = spans
    .filter((span) => span.end > span.start)
    .toSorted((a, b) => a.documentId.localeCompare(b.documentId) || a.start - b.start)
  const merged: Span[] = []
  for (const span of sorted) {
    const last = merged.at(-1)
    if (last !== undefined && last.documentId === span.documentId && span.start <= last.end) {
      merged[merged.length - 1] = { ...last, end: Math.max(last.end, span.end) }
    } else {
      merged.push(span)
    }
  }
  return merged
}

function intersection(left: readonly Span[], right: readonly Span[]): number {
  return left.reduce(
    (sum, a) =>
      sum +
      right
        .filter((b) => b.documentId === a.documentId)
        .reduce(
          (part, b) => part + Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start)),
          0,
        ),
    0,
  )
}

function length(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + span.end - span.start, 0)
}
