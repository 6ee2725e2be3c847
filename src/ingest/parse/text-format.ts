export type TextFormat = 'code' | 'csv' | 'html' | 'json' | 'json-lines' | 'markdown' | 'text'

const BY_EXTENSION: Readonly<Record<string, TextFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  tab: 'csv',
  htm: 'html',
  html: 'html',
  xhtml: 'html',
  json: 'json',
  geojson: 'json',
  ipynb: 'json',
  webmanifest: 'json',
  jsonl: 'json-lines',
  ndjson: 'json-lines',
  markdown: 'markdown',
  md: 'markdown',
  mdx: 'markdown',
  mkd: 'markdown',
  log: 'text',
  text: 'text',
  txt: 'text',
}

const CODE = new Set(
  (
    'astro bash bat c cc cfg clj cljs cmake conf cpp cs css cxx d dart diff dockerfile elm ex exs f90 fs ' +
    'go gradle graphql groovy h hpp hs ini java jl js jsx kt kts less lua m makefile mjs cjs ml mm nim ' +
    'nix patch php pl pm properties proto ps1 py r rb rs sass scala scss sh sql svelte swift tcl tf toml ' +
    'ts tsx v vb vhdl vue xml xsd xsl yaml yml zig zsh'
  ).split(' '),
)

/** Lower-case, without the dot; of a name without one (`Makefile`) the whole name. */
export function extensionOf(filename: string): string {
  const name = filename.split(/[/\\]/).at(-1) ?? ''
  return (name.split('.').at(-1) ?? '').toLowerCase()
}

/** What a text is: by its first characters and by whether it reads as JSON, then by name, then by its looks. */
export function detectTextFormat(text: string, extension: string): TextFormat {
  const named = CODE.has(extension) ? 'code' : BY_EXTENSION[extension]
  if (
    /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]{0,4000}?-->\s*)*<(?:!doctype\s+html|html)\b/i.test(text)
  ) {
    return 'html'
  }
  if (named !== undefined) return named
  if (isJson(text)) return 'json'
  if (isJsonLines(text)) return 'json-lines'
  if (looksLikeMarkdown(text)) return 'markdown'
  return looksLikeCsv(text) ? 'csv' : 'text'
}

function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function isJsonLines(text: string): boolean {
  const lines = text
    .slice(0, 100_000)
    .split('\n', 6)
    .filter((line) => line.trim() !== '')
  return lines.length >= 2 && lines.slice(0, 4).every(isJson)
}

function looksLikeMarkdown(text: string): boolean {
  const head = text.slice(0, 20_000)
  const signs = [
    /^#{1,6} \S/m,
    /^(?:```|~~~)/m,
    /^\s*[-*+] \S.*\n\s*[-*+] \S/m,
    /\[[^\]\n]+\]\([^)\s]+\)/,
    /^\|?(?: *:?-{3,}:? *\|)+/m,
    /\*\*[^*\n]+\*\*/,
  ]
  return signs.filter((sign) => sign.test(head)).length >= 2
}

function looksLikeCsv(text: string): boolean {
  const lines = text.slice(0, 20_000).split('\n').slice(0, 20)
  if (text.length > 20_000) lines.pop()
  const filled = lines.filter((line) => line.trim() !== '')
  if (filled.length < 3) return false
  return [',', ';', '\t', '|'].some((delimiter) => {
    const counts = filled.map((line) => line.replaceAll(/"[^"]*"/g, '').split(delimiter).length)
    return (counts[0] ?? 1) > 1 && counts.every((count) => count === counts[0])
  })
}
