import { Type, type Static } from 'typebox'
import { keyFilterSettings } from '../key-filter.ts'

export const webSettings = Type.Object(
  {
    mode: Type.Enum(['page', 'sitemap', 'crawl'], {
      description:
        '`page` takes the addresses of `start` alone, `sitemap` what sitemaps name, `crawl` follows links.',
    }),
    start: Type.Array(Type.String({ pattern: '^https?://', maxLength: 1_000 }), {
      minItems: 1,
      maxItems: 1_000,
      uniqueItems: true,
      description:
        'Pages; for `sitemap` sitemaps, or sites whose robots.txt names them. What is fetched stays on their sites.',
    }),
    depth: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 50,
        description: 'How many links a page of a crawl may be away from `start`; 5 where left out.',
      }),
    ),
    ...keyFilterSettings,
    follow: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 500 }), {
        maxItems: 100,
        description:
          'Globs of pages that are no documents, but whose links a crawl follows: `**` with an `include` of `**/*.pdf` finds the PDF files of a site.',
      }),
    ),
    hosts: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^(\\*\\.)?[A-Za-z0-9._-]+(:[0-9]{1,5})?$',
          maxLength: 253,
        }),
        {
          maxItems: 100,
          description:
            'Further hosts whose pages belong to it, like `docs.example.com` or `*.example.com`.',
        },
      ),
    ),
    max_pages: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100_000,
        description: 'Documents that are taken at most; 1000 where left out.',
      }),
    ),
    requests_per_second: Type.Optional(
      Type.Number({
        minimum: 0.01,
        maximum: 50,
        description:
          'To one host, at most; 1 where left out. A `Crawl-delay` of the site makes it slower.',
      }),
    ),
    drop_parameters: Type.Optional(
      Type.Array(Type.String({ pattern: '^[^*]*\\*?$', minLength: 1, maxLength: 100 }), {
        maxItems: 100,
        description:
          'Parameters that are taken out of addresses, like `utm_*`; `*` takes out all of them.',
      }),
    ),
    trust_lastmod: Type.Optional(
      Type.Boolean({
        description:
          'Does not ask for pages whose `lastmod` in the sitemap is as it was; false where left out.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type WebSettings = Static<typeof webSettings>

/** Sent to the origins of `start` and nowhere else. */
export const webCredentials = Type.Union([
  Type.Object(
    {
      type: Type.Literal('basic'),
      username: Type.String({ pattern: '^[^:\\u0000-\\u001f]*$', maxLength: 1_000 }),
      password: Type.String({ pattern: '^[^\\u0000-\\u001f]*$', maxLength: 4_096 }),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      type: Type.Literal('header'),
      name: Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", maxLength: 100 }),
      value: Type.String({
        pattern: '^[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?$',
        maxLength: 8_192,
      }),
    },
    { additionalProperties: false },
  ),
])
export type WebCredentials = Static<typeof webCredentials>

// How a request is framed and to whom it goes is not for a source to say.
const RESERVED =
  /^(accept-encoding|connection|content-length|expect|host|if-.*|keep-alive|proxy-.*|range|te|trailer|transfer-encoding|upgrade|user-agent|via)$/i

export function credentialsRefusal(credentials: WebCredentials | null): string | null {
  if (credentials?.type !== 'header' || !RESERVED.test(credentials.name)) return null
  return `The header ${credentials.name} cannot be a credential: name one like Authorization, Cookie or X-Api-Key.`
}

export function credentialHeaders(credentials: WebCredentials): Readonly<Record<string, string>> {
  if (credentials.type === 'header') return { [credentials.name.toLowerCase()]: credentials.value }
  const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')
  return { authorization: `Basic ${pair}` }
}
