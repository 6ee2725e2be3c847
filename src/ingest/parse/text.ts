import type { Block, BlockKind, ParseLimits } from '../../core/document.ts'
import type { Tell } from '../../core/tell.ts'
import type { Draft } from './text-builder.ts'

/** The text as it is; blocks are what blank lines separate. */
export function parseText(text: string, _limits: ParseLimits, tell: Tell): Draft {
  return { text, title: null, blocks: splitAtBlankLines(text, 'paragraph', tell), pages: [] }
}

/** Source code: the same, so that a function is seldom cut; indentation belongs to its block. */
export function parseCode(text: string, _limits: ParseLimits, tell: Tell): Draft {
  return { text, title: null, blocks: splitAtBlankLines(text, 'code', tell), pages: [] }
}

function splitAtBlankLines(text: string, kind: BlockKind, tell: Tell): Block[] {
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
    tell(cursor, text.length + 1)
  }
  close()
  return blocks
}
