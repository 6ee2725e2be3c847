import { expect, test } from 'vitest'
import { displayName } from './display-name.ts'

test.each([
  ['report.pdf', 'report.pdf'],
  ['Übersicht – 日本.txt', 'Übersicht – 日本.txt'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\temp\\a.txt', 'a.txt'],
  ['a\r\nb.txt', 'ab.txt'],
  ['exe\u202Efdp.txt', 'exefdp.txt'],
  ['', 'unnamed'],
  ['x'.repeat(300), 'x'.repeat(255)],
])('%j is shown as %j', (given, shown) => {
  expect(displayName(given)).toBe(shown)
})
