import type { StoredItem } from '../../../core/ports/conversations.ts'
import { readInput } from '../responses/read-input.ts'

/** Items of a request as they are stored, each with an id of its own. */
export function readItems(
  items: readonly Readonly<Record<string, unknown>>[],
): readonly StoredItem[] {
  return readInput(items, 'items').items
}
