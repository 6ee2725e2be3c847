import type { Nodes, RootContent } from 'mdast'
import { frontmatterFromMarkdown } from 'mdast-util-frontmatter'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { frontmatter } from 'micromark-extension-frontmatter'
import { gfm } from 'micromark-extension-gfm'
import { parse as parseYaml } from 'yaml'
import type { Block, BlockKind, ParseLimits } from '../../core/document.ts'
import type { Tell } from '../../core/tell.ts'
import { coverGaps } from './finish.ts'
import type { Draft } from './text-builder.ts'

const KINDS: Partial<Record<RootContent['type'], BlockKind>> = {
  blockquote: 'quote',
  code: 'code',
  heading: 'heading',
  listItem: 'list',
  table: 'table',
  yaml: 'code',
}

/** The text stays the source, mark-up and all, so that a quote is what the author wrote. */
export function parseMarkdown(text: string, _limits: ParseLimits, tell: Tell): Draft {
  const tree = fromMarkdown(text, {
    extensions: [frontmatter(['yaml']), gfm(), listener(text, tell)],
    mdastExtensions: [frontmatterFromMarkdown(['yaml']), gfmFromMarkdown()],
  })
  // The items of a list are blocks, so that a long list can be cut between them.
  const nodes = tree.children.flatMap((node): RootContent[] =>
    node.type === 'list' ? node.children : [node],
  )
  return {
    text,
    title: frontmatterTitle(tree.children[0]) ?? headingTitle(tree.children),
    blocks: coverGaps(
      text,
      nodes.flatMap((node) => toBlock(node, text)),
    ),
    pages: [],
  }
}

type Extension = ReturnType<typeof gfm>

/**
 * Tells where the library is: a construct of no text, tried where a block may begin and then, when blocks are gone through
 * for what is in their lines, where that may begin. Half of the work each.
 */
function listener(text: string, tell: Tell): Extension {
  let most = 0
  const at = (half: 0 | 1): NonNullable<Extension['text']> => ({
    null: {
      partial: true,
      tokenize(_effects, _ok, nok) {
        most = Math.max(most, half * text.length + this.now().offset)
        tell(most, 2 * text.length)
        return nok
      },
    },
  })
  return { flowInitial: at(0), text: at(1) }
}

function toBlock(node: RootContent, text: string): Block[] {
  const start = node.position?.start.offset ?? 0
  const end = node.position?.end.offset ?? 0
  const length = text.slice(start, end).trimEnd().length
  if (length === 0) return []
  const block = { kind: KINDS[node.type] ?? 'paragraph', start, end: start + length } as const
  return [node.type === 'heading' ? { ...block, level: node.depth } : block]
}

function frontmatterTitle(node: RootContent | undefined): string | null {
  if (node?.type !== 'yaml') return null
  try {
    const data: unknown = parseYaml(node.value)
    const isTitled = typeof data === 'object' && data !== null && 'title' in data
    return isTitled && typeof data.title === 'string' ? data.title : null
  } catch {
    // A broken header does not make the document unreadable; it stays in the text as it is.
    return null
  }
}

/** The first heading of the first level, wherever it stands. */
function headingTitle(nodes: readonly RootContent[]): string | null {
  const heading = nodes.find((node) => node.type === 'heading' && node.depth === 1)
  return heading === undefined ? null : plainText(heading)
}

function plainText(node: Nodes): string {
  if ('value' in node) return node.value
  return 'children' in node ? node.children.map(plainText).join('') : ''
}
