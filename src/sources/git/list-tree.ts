import { isUtf8 } from 'node:buffer'
import { AppError } from '../../core/errors.ts'
import type { Repository } from './repository.ts'

export interface TreeEntry {
  readonly path: string
  /** Whether the path is what the repository has: it may be no UTF-8. */
  readonly isText: boolean
  readonly type: 'file' | 'link' | 'submodule'
  /** Of its content. */
  readonly id: string
}

export interface WantedTree {
  readonly commit: string
  readonly folder: string | undefined
  /** A few small trees can name each other so that they stand for more files than there are atoms. */
  readonly maxEntries: number
}

/** Everything below the folder, as it is read. Throws where the tree is not whole. */
export async function* listTree(
  repository: Repository,
  { commit, folder, maxEntries }: WantedTree,
): AsyncGenerator<TreeEntry> {
  const below = folder === undefined ? [] : [`${folder.replace(/\/$/, '')}/`]
  const process = repository.look(['ls-tree', '-r', '-z', '--full-tree', commit, ...below])
  process.input.end()
  let entries = 0
  try {
    for await (const line of linesOf(process.output)) {
      entries += 1
      if (entries > maxEntries) {
        const most = maxEntries.toLocaleString('en')
        const message = `The repository has more than ${most} files: name a folder of it.`
        throw new AppError('provider_rejected', message)
      }
      yield readEntry(line)
    }
    await process.ended
  } finally {
    process.stop()
  }
}

/** What ends with a zero byte. */
async function* linesOf(output: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const piece of output) {
    const whole = Buffer.concat([rest, piece])
    let start = 0
    for (let end = whole.indexOf(0); end >= 0; end = whole.indexOf(0, start)) {
      yield whole.subarray(start, end)
      start = end + 1
    }
    rest = whole.subarray(start)
  }
}

function readEntry(line: Buffer): TreeEntry {
  const tab = line.indexOf('\t')
  const [mode, , id = ''] = line.subarray(0, tab).toString('latin1').split(' ')
  const type = mode === '120000' ? 'link' : mode === '160000' ? 'submodule' : 'file'
  const name = line.subarray(tab + 1)
  return { path: name.toString(), isText: isUtf8(name), type, id }
}
