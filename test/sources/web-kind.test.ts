import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { WebSettings } from '../../src/sources/web/web-settings.ts'
import { createWebKind } from '../../src/sources/web/web-kind.ts'
import { openReach } from '../outside/open-reach.ts'
import {
  answerWith,
  links,
  readSource,
  redirectTo,
  startFakeSite,
  type FakeSite,
} from './fake-site.ts'

type More = Partial<WebSettings>
const at = ({ origin }: FakeSite, ...paths: readonly string[]) => paths.map((path) => origin + path)
const crawl = (site: FakeSite, more: More = {}): WebSettings => ({
  mode: 'crawl',
  start: [`${site.origin}/`],
  ...more,
})
const reasonOf = (reading: Awaited<ReturnType<typeof readSource>>, key: string) => {
  const item = reading.items.get(key)
  return item?.type === 'skipped' || item?.type === 'failed' ? item.reason : undefined
}

describe('a crawl', () => {
  test('follows links from page to page, and reads each page once', async () => {
    const site = await startFakeSite({
      '/': links(
        '/a',
        'b?x=1#part',
        '/a#other',
        'mailto:a@example.com',
        'http://elsewhere.example/',
      ),
      '/a': links('/', './c.pdf'),
      '/b?x=1': 'plain text',
      '/c.pdf': '%PDF-1.4',
    })
    const { documents, filenames, error } = await readSource(crawl(site))

    expect(error).toBeNull()
    expect(documents).toEqual(at(site, '/', '/a', '/b?x=1', '/c.pdf'))
    expect([...filenames.values()]).toEqual(['127.0.0.1.html', 'a.html', 'b.txt', 'c.pdf'])
    expect(site.takeLog().toSorted()).toEqual(
      ['200 /', '200 /a', '200 /b?x=1', '200 /c.pdf', '404 /robots.txt'].toSorted(),
    )
  })

  test('of pages that have not changed downloads nothing, and still finds all of them', async () => {
    const site = await startFakeSite({ '/': links('/a'), '/a': links('/b'), '/b': 'the end' })
    const first = await readSource(crawl(site))
    site.takeLog()
    const second = await readSource(crawl(site), { known: first.known })

    expect(second.documents).toEqual(first.documents)
    expect(second.texts.size).toBe(0)
    expect(site.takeLog()).toEqual(['404 /robots.txt', '304 /', '304 /a', '304 /b'])
  })

  test('sees what is changed, added and removed, and reads no more than that', async () => {
    const site = await startFakeSite({ '/': links('/a', '/b'), '/a': 'a', '/b': 'b' })
    const first = await readSource(crawl(site))
    site.pages['/'] = links('/a', '/b', '/c')
    site.pages['/c'] = 'new'
    delete site.pages['/b']
    const second = await readSource(crawl(site), { known: first.known })

    expect([...second.texts.keys()]).toEqual(at(site, '/', '/c'))
    expect(second.documents).toEqual(at(site, '/', '/a', '/c'))
    expect(second.items.get(`${site.origin}/b`)?.type).toBe('gone')
  })

  test('remembers a page whose validators have changed and whose content has not', async () => {
    let etag = '"1"'
    const page = links('/a')
    const site = await startFakeSite({
      '/': (request, response) => {
        const isSame = request.headers['if-none-match'] === etag
        answerWith(
          isSame ? 304 : 200,
          { etag, 'content-type': 'text/html' },
          isSame ? '' : page,
        )(request, response)
      },
      '/a': 'a',
    })
    const first = await readSource(crawl(site))
    etag = '"2"'
    const second = await readSource(crawl(site), { known: first.known })
    site.takeLog()
    await readSource(crawl(site), { known: second.known })

    expect(second.texts.size).toBe(0)
    expect(site.takeLog()).toContain('304 /')
  })

  test('goes no deeper than it is told', async () => {
    const site = await startFakeSite({ '/': links('/1'), '/1': links('/2'), '/2': links('/3') })

    expect((await readSource(crawl(site, { depth: 1 }))).documents).toEqual(at(site, '/', '/1'))
    expect((await readSource(crawl(site, { depth: 0 }))).documents).toEqual(at(site, '/'))
  })

  test('takes what is included and not excluded, by query too', async () => {
    const site = await startFakeSite({
      '/': links('/docs/a', '/docs/b?action=edit', '/docs/drafts/c', '/blog/d'),
      '/docs/a': 'a',
      '/docs/b?action=edit': 'b',
      '/docs/drafts/c': 'c',
      '/blog/d': 'd',
    })
    const more = { include: ['docs/**'], exclude: ['docs/drafts/**', '**/b?*action=edit*'] }

    expect((await readSource(crawl(site, more))).documents).toEqual(at(site, '/docs/a'))
  })

  test('follows pages that are no documents where it is told to', async () => {
    const site = await startFakeSite({
      '/': links('/a'),
      '/a': links('/b.pdf'),
      '/b.pdf': '%PDF-1',
    })
    const more = { include: ['**/*.pdf', '*.pdf'], follow: ['**'] }

    expect((await readSource(crawl(site, more))).documents).toEqual(at(site, '/b.pdf'))
  })

  test('tells what is past the most pages', async () => {
    const site = await startFakeSite({ '/': links('/a', '/b'), '/a': 'a', '/b': 'b' })
    const reading = await readSource(crawl(site, { max_pages: 2 }))

    expect(reading.documents).toEqual(at(site, '/', '/a'))
    expect(reasonOf(reading, `${site.origin}/b`)).toMatch(/max_pages/)
  })

  test('a trap that always has one more link ends', async () => {
    const site = await startFakeSite({})
    const trap = new Proxy(site.pages, {
      get: (_, path) => (path === '/robots.txt' ? undefined : links(`${String(path)}x`)),
    })
    const endless = await startFakeSite(trap)
    const { documents } = await readSource(crawl(endless, { max_pages: 5, depth: 50 }))

    expect(documents).toHaveLength(5)
  })

  test('obeys nofollow, noindex and the header, and follows what a hidden page links to', async () => {
    const site = await startFakeSite({
      '/': '<a rel="nofollow" href="/no">no</a><a href="/hidden">h</a><a href="/end">e</a><a href="/tag">t</a>',
      '/no': 'no',
      '/hidden': `<meta name="ROBOTS" content="noindex">${links('/found')}`,
      '/found': 'found',
      '/end': `<meta name="ragstone" content="nofollow">${links('/unseen')}`,
      '/unseen': 'unseen',
      '/tag': answerWith(
        200,
        { 'x-robots-tag': 'otherbot: noarchive, ragstone: noindex', 'content-type': 'text/plain' },
        'x',
      ),
    })
    const reading = await readSource(crawl(site))

    expect(reading.documents).toEqual(at(site, '/', '/end', '/found'))
    expect(reasonOf(reading, `${site.origin}/hidden`)).toBe('The site asks not to index it.')
    expect(reasonOf(reading, `${site.origin}/tag`)).toBe('The site asks not to index it.')
  })

  test('what was taken goes when the site asks not to index it any more', async () => {
    const site = await startFakeSite({ '/': links('/a', '/b'), '/a': '<p>a</p>', '/b': 'b' })
    const first = await readSource(crawl(site))
    site.pages['/a'] = '<meta name="robots" content="none"><p>a</p>'
    site.pages['/robots.txt'] = 'User-agent: ragstone\nDisallow: /b\n'
    const second = await readSource(crawl(site), { known: first.known })

    expect(second.items.get(`${site.origin}/a`)?.type).toBe('gone')
    expect(second.items.get(`${site.origin}/b`)?.type).toBe('gone')
  })

  test('understands a base, and links of odd spellings', async () => {
    const site = await startFakeSite({
      '/': '<base href="/deep/"><a href="a">1</a><a href=" /b%7euser ">2</a><area href="../c"><a href="//[bad">3</a>',
      '/deep/a': 'a',
      '/b~user': 'b',
      '/c': 'c',
    })

    expect((await readSource(crawl(site))).documents).toEqual(
      at(site, '/', '/deep/a', '/b~user', '/c'),
    )
  })

  test('drops the parameters that it is told to', async () => {
    const site = await startFakeSite({
      '/': links('/a?utm_source=x&id=1', '/a?id=1&utm_term=y'),
      '/a?id=1': 'a',
    })
    const { documents } = await readSource(crawl(site, { drop_parameters: ['utm_*'] }))

    expect(documents).toEqual(at(site, '/', '/a?id=1'))
  })

  test('records a redirect under the address where it ends', async () => {
    const site = await startFakeSite({
      '/': links('/old', '/new'),
      '/old': redirectTo('/new', 301),
      '/new': 'new',
    })

    expect((await readSource(crawl(site))).documents).toEqual(at(site, '/', '/new'))
  })

  test('redirects in a circle and into other sites are told', async () => {
    const site = await startFakeSite({
      '/': links('/circle', '/away', '/inside'),
      '/circle': redirectTo('/circle?2'),
      '/circle?2': redirectTo('/circle'),
      '/away': redirectTo('https://elsewhere.example/'),
      '/inside': redirectTo('http://169.254.169.254/latest/'),
    })
    const reading = await readSource(crawl(site))

    expect(reading.documents).toEqual(at(site, '/'))
    expect(reasonOf(reading, `${site.origin}/away`)).toMatch(/elsewhere\.example, another site/)
    expect(reasonOf(reading, `${site.origin}/inside`)).toMatch(/another site/)
  })

  test('a page that cannot be read keeps what is known of it, and what it linked to', async () => {
    const site = await startFakeSite({ '/': links('/a'), '/a': links('/b'), '/b': 'b' })
    const first = await readSource(crawl(site))
    site.pages['/a'] = answerWith(500)
    const { items, documents, error } = await readSource(crawl(site), { known: first.known })

    expect(items.get(`${site.origin}/a`)).toMatchObject({
      type: 'failed',
      reason: /answers 500\.$/,
    })
    expect(documents).toEqual(at(site, '/', '/b'))
    expect(error).toBeNull()
  })

  test('a page that nobody knows and that cannot be read makes the listing fail at its end', async () => {
    const site = await startFakeSite({ '/': links('/a', '/b'), '/a': answerWith(503), '/b': 'b' })
    const { documents, error } = await readSource(crawl(site))

    expect(documents).toEqual(at(site, '/', '/b'))
    expect(error).toMatchObject({
      code: 'provider_unavailable',
      message: /nothing is taken for deleted/,
    })
  })

  test('a start that is not there makes the listing fail', async () => {
    const site = await startFakeSite({ '/': links('/a'), '/a': 'a' })
    const first = await readSource(crawl(site))
    delete site.pages['/']

    expect((await readSource(crawl(site), { known: first.known })).error).not.toBeNull()
  })

  test('a site that has stopped to answer is not asked for all of its pages', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `/${index}`)
    const pages = Object.fromEntries(names.map((name) => [name, name]))
    const site = await startFakeSite({ '/': links(...names), ...pages })
    const first = await readSource(crawl(site))
    for (const name of names) site.pages[name] = answerWith(502)
    site.takeLog()

    expect((await readSource(crawl(site), { known: first.known })).error).not.toBeNull()
    expect(site.takeLog().length).toBeLessThan(20)
  })

  test('what is of no type that can be read is told, and not downloaded', async () => {
    const site = await startFakeSite({
      '/': links('/style', '/picture.png', '/large.pdf'),
      '/style': answerWith(200, { 'content-type': 'text/css' }, 'x'),
      '/large.pdf': '%PDF'.padEnd(200_000, 'x'),
    })
    const reading = await readSource(crawl(site))

    expect(reasonOf(reading, `${site.origin}/style`)).toBe('Content of type text/css is not read.')
    expect(reasonOf(reading, `${site.origin}/large.pdf`)).toMatch(/larger than 100,000 bytes/)
    expect(reading.items.has(`${site.origin}/picture.png`)).toBe(false)
  })

  test('a page in other characters is read as they were meant', async () => {
    const type = 'text/html; charset=windows-1251'
    const site = await startFakeSite({
      '/': (_, response) => {
        response.writeHead(200, { 'content-type': type })
        response.end(Buffer.from([0x3c, 0x70, 0x3e, 0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]))
      },
    })

    expect((await readSource(crawl(site))).texts.get(`${site.origin}/`)).toBe('\uFEFF<p>Привет')
  })

  test('more links than can be remembered are found again by fetching the page', async () => {
    const many = Array.from({ length: 1_500 }, (_, index) => `/${'long-name-'.repeat(8)}${index}`)
    const site = await startFakeSite({ '/': links(...many, '/last') })
    const more = { max_pages: 1, depth: 1 }
    const first = await readSource(crawl(site, more), { maxFileBytes: 1_000_000 })
    site.takeLog()
    await readSource(crawl(site, more), { known: first.known, maxFileBytes: 1_000_000 })

    const memory = first.known.get(`${site.origin}/`)?.memory ?? ''
    expect(Buffer.byteLength(memory)).toBeLessThan(65_536)
    expect(site.takeLog()).toContain('200 /')
  })
})

describe('the wishes of a site', () => {
  test('what robots.txt forbids is not asked for', async () => {
    const site = await startFakeSite({
      '/robots.txt':
        'User-agent: *\nAllow: /\n\nUser-agent: Ragstone\nDisallow: /private\nAllow: /private/open$\n',
      '/': links('/private/a', '/private/open', '/b'),
      '/private/a': 'a',
      '/private/open': 'open',
      '/b': 'b',
    })
    const reading = await readSource(crawl(site))

    expect(reading.documents).toEqual(at(site, '/', '/private/open', '/b'))
    expect(reasonOf(reading, `${site.origin}/private/a`)).toMatch(/robots\.txt/)
    expect(site.takeLog()).not.toContain('200 /private/a')
  })

  test.each([500, 503, 429])('a robots.txt that answers %i forbids everything', async (status) => {
    const site = await startFakeSite({ '/robots.txt': answerWith(status), '/': 'home' })
    const { documents, error } = await readSource(crawl(site))

    expect(documents).toEqual([])
    expect(error).not.toBeNull()
    expect(site.takeLog()).not.toContain('200 /')
  })

  test.each([401, 403, 404, 410])(
    'a robots.txt that answers %i allows everything',
    async (status) => {
      const site = await startFakeSite({ '/robots.txt': answerWith(status), '/': 'home' })

      expect((await readSource(crawl(site))).documents).toEqual(at(site, '/'))
    },
  )

  test('a robots.txt of 10 MB is read as far as it must be', async () => {
    const rules = `User-agent: *\nDisallow: /a\n${'# comment that goes on\n'.repeat(450_000)}Disallow: /\n`
    const site = await startFakeSite({
      '/robots.txt': rules,
      '/': links('/a', '/b'),
      '/a': 'a',
      '/b': 'b',
    })

    expect((await readSource(crawl(site))).documents).toEqual(at(site, '/', '/b'))
  })

  test('rules that would take long to try forbid more instead', async () => {
    const wild = Array.from({ length: 300 }, () => `Disallow: /x${'*a'.repeat(400)}b`).join('\n')
    const site = await startFakeSite({
      '/robots.txt': `User-agent: *\n${wild}\n`,
      '/': links(`/x${'a'.repeat(900)}`, '/b'),
      '/b': 'b',
    })

    expect((await readSource(crawl(site))).documents).toEqual(at(site, '/', '/b'))
  })

  test('waits between requests, with jitter, and longer where the site asks for it', async () => {
    const pages = { '/': links('/a', '/b'), '/a': 'a', '/b': 'b' }
    const quick = await readSource(crawl(await startFakeSite(pages), { requests_per_second: 10 }))
    const robots = 'User-agent: *\nCrawl-delay: 7\n'
    const slow = await readSource(crawl(await startFakeSite({ ...pages, '/robots.txt': robots })))

    expect(quick.waits).toHaveLength(3)
    expect(Math.max(...quick.waits)).toBeLessThanOrEqual(500)
    expect(new Set(quick.waits).size).toBe(3)
    expect(Math.max(...slow.waits)).toBeGreaterThan(7_000)
  })

  test('waits as long as a busy site asks, and asks again', async () => {
    let asked = 0
    const site = await startFakeSite({
      '/': (request, response) => {
        asked += 1
        answerWith(
          asked === 1 ? 429 : 200,
          { 'retry-after': '90', 'content-type': 'text/plain' },
          'home',
        )(request, response)
      },
    })
    const { documents, waits } = await readSource(crawl(site))

    expect(documents).toEqual(at(site, '/'))
    expect(Math.max(...waits)).toBeGreaterThan(80_000)
  })

  test('a site that asks for more than two minutes is left for the next time', async () => {
    const site = await startFakeSite({ '/': answerWith(503, { 'retry-after': '3600' }) })
    const { error } = await readSource(crawl(site))

    expect(error).not.toBeNull()
    expect(site.takeLog()).toEqual(['404 /robots.txt', '503 /'])
  })
})

describe('pages', () => {
  test('are taken as they are named, and no link is followed', async () => {
    const site = await startFakeSite({ '/a': links('/b'), '/b': 'b', '/c': 'c' })
    const start = at(site, '/a', '/c')

    expect((await readSource({ mode: 'page', start })).documents).toEqual(start)
  })

  test('that are not there are told; those that were there are gone', async () => {
    const site = await startFakeSite({ '/a': 'a', '/b': 'b' })
    const start = at(site, '/a', '/b', '/c')
    const first = await readSource({ mode: 'page', start })
    delete site.pages['/b']
    const second = await readSource({ mode: 'page', start }, { known: first.known })

    expect(reasonOf(first, `${site.origin}/c`)).toBe('The site answers 404.')
    expect(second.items.get(`${site.origin}/b`)?.type).toBe('gone')
    expect(second.error).toBeNull()
  })

  test('whose start redirects to another spelling of the site are taken there', async () => {
    const site = await startFakeSite({ '/a': redirectTo('/b'), '/b': 'b' })

    expect((await readSource({ mode: 'page', start: at(site, '/a') })).documents).toEqual(
      at(site, '/b'),
    )
  })

  test('that ask for a password now keep what is known', async () => {
    const site = await startFakeSite({ '/a': 'a' })
    const start = at(site, '/a')
    const first = await readSource({ mode: 'page', start })
    site.pages['/a'] = answerWith(401)
    const second = await readSource({ mode: 'page', start }, { known: first.known })

    expect(second.items.get(`${site.origin}/a`)).toMatchObject({ type: 'failed' })
  })

  test('that send people to sign in elsewhere keep what is known', async () => {
    const site = await startFakeSite({ '/a': 'a' })
    const start = at(site, '/a')
    const first = await readSource({ mode: 'page', start })
    site.pages['/a'] = redirectTo('https://login.example/')
    const second = await readSource({ mode: 'page', start }, { known: first.known })

    expect(second.items.get(`${site.origin}/a`)).toMatchObject({ type: 'failed' })
  })

  test('a single one can be asked for', async () => {
    const site = await startFakeSite({ '/': links('/a', '/b'), '/a': 'a', '/b': 'b' })
    const first = await readSource(crawl(site))
    site.pages['/a'] = 'changed'
    delete site.pages['/b']
    site.takeLog()
    const keys = at(site, '/a', '/b')
    const second = await readSource(crawl(site), { known: first.known, keys })

    expect(second.texts.get(`${site.origin}/a`)).toBe('changed')
    expect(second.items.get(`${site.origin}/b`)?.type).toBe('gone')
    expect(site.takeLog()).not.toContain('200 /')
  })
})

describe('a sitemap', () => {
  const urls = (site: FakeSite, ...paths: readonly string[]) =>
    `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${at(
      site,
      ...paths,
    )
      .map((loc) => `<url><loc>${loc}</loc><lastmod>2026-01-01</lastmod></url>`)
      .join('')}</urlset>`
  const index = (site: FakeSite, ...paths: readonly string[]) =>
    `<sitemapindex>${at(site, ...paths)
      .map((loc) => `<sitemap><loc>${loc}</loc></sitemap>`)
      .join('')}</sitemapindex>`
  const sitemap = (site: FakeSite, more: More = {}): WebSettings => ({
    mode: 'sitemap',
    start: at(site, '/sitemap.xml'),
    ...more,
  })

  test('names the pages that are taken, and no others', async () => {
    const site = await startFakeSite({ '/a': links('/b'), '/b': 'b', '/c': 'c' })
    site.pages['/sitemap.xml'] = urls(site, '/a', '/c')

    expect((await readSource(sitemap(site))).documents).toEqual(at(site, '/a', '/c'))
  })

  test('may be an index of others, packed ones and plain text among them', async () => {
    const site = await startFakeSite({ '/a': 'a', '/b': 'b', '/c': 'c' })
    site.pages['/sitemap.xml'] = index(site, '/1.xml', '/2.xml.gz', '/3.txt')
    site.pages['/1.xml'] = urls(site, '/a')
    site.pages['/2.xml.gz'] = (_, response) => response.end(gzipSync(urls(site, '/b')))
    site.pages['/3.txt'] = at(site, '/c').join('\n')

    expect((await readSource(sitemap(site))).documents).toEqual(at(site, '/a', '/b', '/c'))
  })

  test('is found by robots.txt, or where most have it', async () => {
    const site = await startFakeSite({ '/a': 'a', '/b': 'b' })
    site.pages['/sitemap.xml'] = urls(site, '/a')
    const settings = sitemap(site, { start: at(site, '/') })
    const usual = await readSource(settings)
    site.pages['/robots.txt'] = `Sitemap: ${site.origin}/other.xml`
    site.pages['/other.xml'] = urls(site, '/b')

    expect(usual.documents).toEqual(at(site, '/a'))
    expect((await readSource(settings)).documents).toEqual(at(site, '/b'))
  })

  test('that points elsewhere is not followed there', async () => {
    const site = await startFakeSite({ '/a': 'a' })
    site.pages['/sitemap.xml'] =
      `<sitemapindex><sitemap><loc>http://169.254.169.254/s.xml</loc></sitemap><sitemap><loc>${site.origin}/1.xml</loc></sitemap></sitemapindex>`
    site.pages['/1.xml'] =
      `<urlset><url><loc>http://10.0.0.1/</loc></url><url><loc>file:///etc/passwd</loc></url><url><loc>${site.origin}/a</loc></url></urlset>`
    const reading = await readSource(sitemap(site))

    expect(reading.documents).toEqual(at(site, '/a'))
    expect(reasonOf(reading, 'http://169.254.169.254/s.xml')).toMatch(/another host/)
  })

  test('expands no entities of its own', async () => {
    const site = await startFakeSite({ '/a?b=1&c=2': 'a' })
    site.pages['/sitemap.xml'] =
      `<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "&x;&x;">]><urlset><url><loc>${site.origin}/&y;</loc></url><url><loc>${site.origin}/a?b=1&amp;c=2</loc></url></urlset>`
    const { documents, items } = await readSource(sitemap(site))

    expect(documents).toEqual(at(site, '/a?b=1&c=2'))
    expect([...items.keys()].join()).not.toContain('root:')
  })

  test.each([
    ['answers 500', answerWith(500)],
    ['answers 404', answerWith(404)],
    ['is a page', '<html><body>Not found</body></html>'],
    ['breaks off', '<urlset><url><loc>http://127.0.0.1/a</loc></url>'],
    ['is a text of something else', 'Not found'],
    [
      'unpacks to too much',
      (_: unknown, response: { end(content: Buffer): void }) =>
        response.end(gzipSync(Buffer.alloc(60_000_000))),
    ],
    [
      'names too many',
      `<urlset>${'<url><loc>http://127.0.0.1/</loc></url>'.repeat(50_001)}</urlset>`,
    ],
  ])('that %s makes the listing fail', async (_, answer) => {
    const site = await startFakeSite({ '/sitemap.xml': answer as string })

    expect((await readSource(sitemap(site))).error).toMatchObject({ code: 'provider_unavailable' })
  })

  test('is believed about what has not changed where it is told to', async () => {
    const site = await startFakeSite({ '/a': 'a', '/b': 'b' })
    site.pages['/sitemap.xml'] = urls(site, '/a', '/b')
    const settings = sitemap(site, { trust_lastmod: true })
    const first = await readSource(settings)
    site.pages['/sitemap.xml'] = urls(site, '/a', '/b').replace('2026-01-01', '2026-02-02')
    site.takeLog()
    const second = await readSource(settings, { known: first.known })

    expect(second.documents).toEqual(at(site, '/a', '/b'))
    expect(site.takeLog().filter((line) => /\/[ab]$/.test(line))).toEqual(['304 /a'])
  })
})

describe('what is asked for', () => {
  test('credentials go to the origin of start alone, robots.txt included', async () => {
    const other = await startFakeSite({ '/': 'other' })
    const site = await startFakeSite({ '/': links(`${other.origin}/`) })
    const { host } = new URL(other.origin)
    await readSource(crawl(site, { hosts: [host] }), {
      credentials: { type: 'basic', username: 'reader', password: 'pässword' },
      hosts: [other.origin],
    })

    const expected = `Basic ${Buffer.from('reader:pässword').toString('base64')}`
    expect(site.requests.map(({ headers }) => headers.authorization)).toEqual([expected, expected])
    expect(other.requests.length).toBeGreaterThan(0)
    expect(other.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true)
  })

  test('a header may be the credential, but none that frames the request', () => {
    const kind = createWebKind({
      reach: openReach(),
      userAgent: 'Ragstone',
      maxFileBytes: 1,
      fetchSeconds: 1,
    })
    const settings: WebSettings = { mode: 'page', start: ['https://example.com/'] }
    const refusal = (name: string) => kind.refusal(settings, { type: 'header', name, value: 'x' })

    expect(refusal('X-Api-Key')).toBeNull()
    for (const name of ['Host', 'content-length', 'Transfer-Encoding', 'proxy-authorization'])
      expect(refusal(name)).toMatch(/cannot be a credential/)
  })

  test.each(['http://10.0.0.1/', 'http://localhost/', 'http://0x7f.1/', 'http://[::1]/'])(
    'a source at %s is refused, and it is said what would open it',
    (address) => {
      const kind = createWebKind({
        reach: openReach(),
        userAgent: 'Ragstone',
        maxFileBytes: 1,
        fetchSeconds: 1,
      })

      expect(kind.refusal({ mode: 'page', start: [address] }, null)).toMatch(
        /sources\.allowed_hosts/,
      )
    },
  )
})
