import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** What a process that was killed left behind. Another one on the same disk may be at work. */
const LEFT_AFTER_MS = 24 * 3_600_000

/** Of the copies in this folder. */
export async function dropLeftovers(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('git-'))
  for (const name of names) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => null)
    const isLeft = found !== null && Date.now() - found.mtimeMs > LEFT_AFTER_MS
    if (isLeft) await rm(path, { recursive: true, force: true })
  }
}
