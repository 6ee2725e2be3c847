import { expect, test } from 'vitest'
import { LIMITS, makeEpub, outline } from '../../../test/ingest/sample-files.ts'
import { parse } from './parse.ts'

test('chapters come in the order of the spine, without the table of contents', async () => {
  const bytes = makeEpub('The Book', ['<h1>One</h1><p>First.</p>', '<h1>Two</h1><p>Second.</p>'])
  const document = await parse(bytes, 'book.epub', LIMITS)
  expect(document.title).toBe('The Book')
  expect(outline(document)).toEqual([
    ['heading1', 'One'],
    ['paragraph', 'First.'],
    ['heading1', 'Two'],
    ['paragraph', 'Second.'],
  ])
})

test('a book under digital rights management is file_encrypted', async () => {
  const bytes = makeEpub('Locked', ['<p>x</p>'], {
    'META-INF/encryption.xml':
      '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:CipherData><enc:CipherReference URI="OEBPS/text/chapter%200.xhtml"/></enc:CipherData></enc:EncryptedData></encryption>',
  })
  await expect(parse(bytes, 'locked.epub', LIMITS)).rejects.toMatchObject({
    code: 'file_encrypted',
  })
})

test('a book whose chapter is missing is file_malformed and names it', async () => {
  const bytes = makeEpub('Torn', ['<p>x</p>'], {
    'OEBPS/book.opf':
      '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="gone.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>',
  })
  await expect(parse(bytes, 'torn.epub', LIMITS)).rejects.toMatchObject({
    code: 'file_malformed',
    message: expect.stringContaining('OEBPS/gone.xhtml'),
  })
})

test('a chapter with an empty title that closes itself is read', async () => {
  const bytes = makeEpub('Book', [], {
    'OEBPS/book.opf':
      '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>',
    'OEBPS/a.xhtml':
      '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><p>First.</p></body></html>',
  })

  expect((await parse(bytes, 'book.epub', LIMITS)).text).toBe('First.')
})
