/**
 * The id of what stands at a place of a response's output. It holds the response's own id: the same response told
 * again has the same ids, and an item that is referred to is found by it.
 */
export function outputItemId(
  prefix: 'fc_' | 'fs_' | 'msg_',
  responseId: string,
  place: number,
): string {
  return `${prefix}${responseId.slice('resp_'.length)}${place}`
}

/** Null where no response can have given the item out. */
export function responseIdOf(itemId: string): string | null {
  const [, id] = /^(?:fc|fs|msg)_([0-9a-f]{32})\d{1,4}$/.exec(itemId) ?? []
  return id === undefined ? null : `resp_${id}`
}
