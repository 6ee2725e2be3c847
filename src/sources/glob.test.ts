import fc from 'fast-check'
import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { compileGlob } from './glob.ts'

const matches = (pattern: string, key: string) => compileGlob(pattern, { dot: false })?.(key)

test.each([
  ['docs/*.md', 'docs/a.md', true],
  ['docs/*.md', 'docs/deep/a.md', false],
  ['docs/**/*.md', 'docs/a.md', true],
  ['docs/**/*.md', 'docs/very/deep/a.md', true],
  ['docs/**', 'docs/a.md', true],
  ['docs/', 'docs/deep/a.md', true],
  ['/docs/', 'docs/a.md', true],
  ['*.md', 'docs/deep/a.md', false],
  ['*.{md,txt}', 'a.txt', true],
  ['{a,b{c,d}}/x', 'bd/x', true],
  ['?.md', '猫.md', true],
  ['?.md', '🐈.md', true],
  ['?.md', 'ab.md', false],
  ['*', '.hidden', false],
  ['.*', '.hidden', true],
  ['**', '.hidden/a', false],
  ['**/.hidden/**', 'a/.hidden/b', true],
  ['**/.hidden/**', '.other/.hidden/b', false],
  ['a.c', 'abc', false],
  ['[ab]', '[ab]', true],
  ['**', 'a/b', true],
])('%s and %s: %s', (pattern, key, expected) => {
  expect(matches(pattern, key)).toBe(expected)
})

test('a pattern that stands for too many is refused', () => {
  expect(compileGlob('{a,b}'.repeat(10), { dot: true })).toBeNull()
})

test('Node has the same opinion of every pattern', () => {
  const part = fc.constantFrom('a', 'b', 'ab', 'abab', 'a.b', '.a', '.ab')
  const wild = fc.constantFrom(
    'a',
    '*',
    '**',
    '?',
    'a*',
    '*b',
    '*a*b',
    '?b',
    '.a',
    '.*',
    '{a,b}',
    '{ab,a*}.b',
  )
  const path = (of: fc.Arbitrary<string>) => fc.array(of, { minLength: 2, maxLength: 5 })
  fc.assert(
    fc.property(path(wild), path(part), (pattern, key) => {
      // Of `a/**` Node says that it matches `a`; here nothing is a folder.
      const glob = [...pattern, 'a'].join('/')
      const name = key.join('/')
      expect(matches(glob, name)).toBe(posix.matchesGlob(name, glob))
    }),
    { numRuns: 2_000 },
  )
})

test('a wildcard takes a leading dot where it is told to', () => {
  expect(compileGlob('**/*.md', { dot: true })?.('.a/.b.md')).toBe(true)
})

test('no pattern takes long', () => {
  const glob = compileGlob(`${'*a'.repeat(200)}b`, { dot: true })

  expect(glob?.('a'.repeat(1_024))).toBe(false)
})
