import fc from 'fast-check'
import { expect, test } from 'vitest'
import { safeName } from './safe-name.ts'

test.each([
  ['report.pdf', 'report.pdf'],
  ['Jahresbericht für 2026.md', 'Jahresbericht für 2026.md'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\papers\\lease.docx', 'lease.docx'],
  ['what? now: "no" <yes>|*.txt', 'what_ now_ _no_ _yes___.txt'],
  ['..', 'unnamed'],
  ['', 'unnamed'],
  ['.profile', 'profile'],
  ['-rf', 'rf'],
  ['CON', '_CON'],
  ['nul.txt', '_nul.txt'],
  ['console.log', 'console.log'],
  ['trailing. . ', 'trailing'],
  ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
])('%j is unpacked as %j', (name, expected) => {
  expect(safeName(name)).toBe(expected)
})

test('a long name keeps its ending', () => {
  expect(safeName(`${'ä'.repeat(300)}.pdf`)).toMatch(/^ä{70,75}\.pdf$/)
})

test('whatever a file is called, it stays in its folder and has a name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
      const safe = safeName(name)
      expect(safe).not.toBe('')
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(151)
      expect(safe).not.toMatch(/[/\\<>:"|?*\p{Cc}\p{Cf}]|^[.\s~-]|[.\s]$/u)
      expect(safeName(safe)).toBe(safe)
    }),
  )
})
