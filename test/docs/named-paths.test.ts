import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

// What the pages on security say is shown by files that they name: all of them are there.

const root = new URL('../..', import.meta.url).pathname
const pages = [
  'SECURITY.md',
  'docs/audit.md',
  ...readdirSync(join(root, 'docs/security'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/security/${name}`),
]

/** Targets of links within the repository, and paths between backticks. */
function pathsIn(page: string): readonly { readonly path: string; readonly anchor: string }[] {
  const text = readFileSync(join(root, page), 'utf8')
  const links = [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, target = '']) => {
    const [path = '', anchor = ''] = target.split('#')
    return { path: path === '' ? join(root, page) : resolve(root, dirname(page), path), anchor }
  })
  const spelled = [...text.matchAll(/`((?:src|test|docs|scripts)\/[\w./-]+)`/g)].map(
    ([, path = '']) => ({ path: join(root, path), anchor: '' }),
  )
  return [...links, ...spelled]
}

/** As web pages of the repository make them from headings. */
function anchorsOf(path: string): readonly string[] {
  const headings = [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)]
  return headings.map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe.each(pages)('%s', (page) => {
  const named = pathsIn(page)

  test('names no file that is not there', () => {
    expect(named.filter(({ path }) => !existsSync(path)).map(({ path }) => path)).toEqual([])
  })

  test('names no place within a page that is not there', () => {
    const lost = named.filter(
      ({ path, anchor }) => anchor !== '' && existsSync(path) && !anchorsOf(path).includes(anchor),
    )

    expect(lost).toEqual([])
  })
})

test('the threat model names tests for its answers', () => {
  const tests = pathsIn('docs/security/threat-model.md').filter(({ path }) =>
    path.endsWith('.test.ts'),
  )

  expect(tests.length).toBeGreaterThan(30)
})
