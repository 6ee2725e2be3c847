import { createWebKind } from '../../src/sources/web/web-kind.ts'
import { openReach } from '../outside/open-reach.ts'
import { answerWith, startFakeSite, type Pages } from './fake-site.ts'
import { sourceContract } from './source-contract.ts'

sourceContract('web', {
  async open(documents, { maxFileBytes }) {
    const pages: Pages = {}
    const site = await startFakeSite(pages)
    const path = (name: string) => `/${encodeURI(name)}`
    const list = () => {
      const named = Object.keys(pages).filter((name) => !name.endsWith('.xml'))
      const entries = named.map((name) => `<url><loc>${site.origin}${name}</loc></url>`)
      pages['/sitemap.xml'] = `<urlset>${entries.join('')}</urlset>`
    }
    const put = async (name: string, text: string) => {
      pages[path(name)] = text
      list()
    }
    for (const [name, text] of Object.entries(documents)) await put(name, text)
    return {
      kind: createWebKind({
        reach: openReach({ hosts: [new URL(site.origin).host] }),
        userAgent: 'Ragstone/1.0',
        maxFileBytes,
        fetchSeconds: 5,
        wait: async () => undefined,
      }),
      settings: { mode: 'sitemap', start: [`${site.origin}/sitemap.xml`] },
      credentials: null,
      keyOf: (name) => site.origin + path(name),
      put,
      async remove(name) {
        delete pages[path(name)]
        list()
      },
      async breakListing() {
        pages['/sitemap.xml'] = answerWith(500)
      },
      close: async () => undefined,
    }
  },
})
