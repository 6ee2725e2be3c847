/** So few may go without asking, as long as something is left. */
const HANDFUL = 5

/**
 * Whether so much is missing that it says more of the place than of its documents: a disk that is not mounted lists as
 * an empty folder. A person may have agreed to as many.
 */
export function isTooMuch(of: {
  readonly missing: number
  readonly known: number
  /** Documents that the listing named. */
  readonly there: number
  readonly share: number
  readonly confirmed: number
}): boolean {
  const { missing, known, there, share, confirmed } = of
  if (missing <= confirmed) return false
  if (there === 0 && known > 1) return true
  return missing > HANDFUL && missing > share * known
}
