import { Type } from 'typebox'
import { optional, text, whole } from './setting-kinds.ts'

/** Of `sources`: what is fetched from addresses that tenants name. */
export const fetchSettings = {
  allowedHosts: Type.Array(
    text({ description: 'A name, `*.` and the end of names, or an address; with a port or not.' }),
    {
      description:
        'Hosts in closed networks that sources of every tenant may call all the same, like `wiki.example.internal:8443`; the port that is named is open for that host. Closed are private, loopback, link-local and all other networks that are not the public internet.',
      default: [],
    },
  ),
  allowedNetworks: Type.Array(text({ description: 'A network, like 10.1.0.0/16.' }), {
    description:
      'Closed networks that sources of every tenant may call all the same, under whatever name.',
    default: [],
  }),
  allowedPorts: Type.Array(Type.Integer({ minimum: 1, maximum: 65_535, description: 'A port.' }), {
    description: 'Ports that sources may call on every host.',
    default: [80, 443],
  }),
  userAgent: optional(
    Type.String({
      pattern: '^[A-Za-z0-9_-]+(/\\S+)?( [\\x20-\\x7e]*)?$',
      maxLength: 300,
      description:
        'How the server names itself to sites; a `robots.txt` knows it by the first word. Null is `Ragstone/<version>`.',
    }),
  ),
  fetchSeconds: whole({
    maximum: 3600,
    description: 'That one address may take, its content included.',
    default: 120,
  }),
}
