import { readFileSync } from 'node:fs'
import { extname } from 'node:path'

const SNIPPET = /<!-- (?<path>clients\/[a-z.-]+) -->\n(?:\n```[a-z]+\n[^]*?\n```\n)?/g

/** The page with each snippet's file, as it now is, below the comment that names it. */
export function withSnippets(page: string): string {
  return page.replaceAll(SNIPPET, (_match, path: string) => {
    const code = readFileSync(new URL(`../docs/${path}`, import.meta.url), 'utf8')
    return `<!-- ${path} -->\n\n\`\`\`${extname(path).slice(1)}\n${code}\`\`\`\n`
  })
}
