import type { Block, BlockKind } from '../../core/document.ts'
import type { Draft } from './text-builder.ts'

/** The text as it is; blocks are what blank lines separate. */
export function parseText(text: string): Draft {
  return { text, title: null, blocks: splitAtBlankLines(text, 'paragraph'), pages: [] }
}

/** Source code: the same, so that a function is seldom cut; indentation belongs to its block. */
export function parseCode(text: string): Draft {
  return { text, title: null, blocks: splitAtBlankLines(text, 'code'), pages: [] }
}

function splitAtBlankLines(text: string, kind: BlockKind): Block[] {
  const blocks: Block[] = []
  let start = -1
  let end = 0
  let cursor = 0
  const close = (): void => {
    if (start >= 0) blocks.push({ kind, start, end })
    start = -1
  }
  for (const line of text.split('\n')) {
    if (/\S/.test(line)) {
      if (start < 0) start = cursor
      end = cursor + line.trimEnd().length
    } else close()
    cursor += line.length + 1
  }
  close()
  return blocks
}
