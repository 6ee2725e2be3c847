/** The table of an embedding space's vectors. The name goes into SQL as it is, so it is checked here. */
export function spaceTable(space: string): string {
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(space))
    throw new Error(`"${space}" cannot be the name of an embedding space`)
  return `vectors_${space}`
}
