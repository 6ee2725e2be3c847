import { isIP } from 'node:net'
import type { Config, EmbeddingModelConfig } from './config-schema.ts'
import { openReach } from './open-reach.ts'

/** What each setting alone cannot show to be wrong. */
export function configContradictions(config: Config): readonly string[] {
  return [
    ...aboutChat(config.chat),
    ...aboutEmbedding(config.embedding),
    ...aboutProxies(config.server),
    ...aboutSizes(config),
    ...aboutMoney(config),
    ...aboutBudgets(config),
    ...aboutAudit(config.audit),
    ...aboutBlobs(config.blobs),
    ...aboutIssuers(config.auth),
    ...aboutSources(config.sources),
  ]
}

function aboutChat({ models, defaultModel, fallbacks }: Config['chat']): readonly string[] {
  const names = [...models.map(({ name }) => name), 'extractive']
  const known = `known are ${names.join(', ')}`
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index))
  return [
    ...[...twice].map((name) =>
      name === 'extractive'
        ? 'chat.models: the name extractive is taken by the built-in answerer'
        : `chat.models: two models are named ${name}`,
    ),
    ...(names.includes(defaultModel)
      ? []
      : [`chat.default_model names no model: ${defaultModel}; ${known}`]),
    ...fallbacks
      .filter((name) => !names.includes(name))
      .map((name) => `chat.fallbacks names no model: ${name}; ${known}`),
  ]
}

function aboutEmbedding({ others, ...embedding }: Config['embedding']): readonly string[] {
  const named = [...(embedding.provider === 'none' ? [] : [embedding]), ...others].map(
    ({ model, dimensions }) => `${model} of ${dimensions ?? 'its own'} dimensions`,
  )
  const twice = new Set(named.filter((name, place) => named.indexOf(name) !== place))
  return [
    ...aboutService(embedding, 'embedding'),
    ...others.flatMap((other, place) => aboutService(other, `embedding.others[${place}]`)),
    ...[...twice].map((name) => `embedding.others: ${name} is there twice`),
  ]
}

function aboutService(
  { provider, baseUrl, dimensions }: EmbeddingModelConfig,
  path: string,
): readonly string[] {
  if (provider !== 'openai-compatible') return []
  return [
    ...(baseUrl === null
      ? [`${path}.base_url is missing: provider openai-compatible needs the address of its service`]
      : []),
    ...(dimensions === null
      ? [
          `${path}.dimensions is missing: provider openai-compatible needs the length of its vectors`,
        ]
      : []),
  ]
}

function aboutProxies({ trustedProxies }: Config['server']): readonly string[] {
  return trustedProxies
    .filter((proxy) => !NAMED_NETWORKS.includes(proxy) && !isNetwork(proxy))
    .map((proxy) => `server.trusted_proxies: ${proxy} is neither an address nor a network`)
}

const NAMED_NETWORKS = ['loopback', 'linklocal', 'uniquelocal']

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  )
}

function aboutIssuers({ issuers }: Config['auth']): readonly string[] {
  const twice = (values: readonly string[]) =>
    new Set(values.filter((value, index) => values.indexOf(value) !== index))
  return [
    ...[...twice(issuers.map(({ name }) => name))].map(
      (name) => `auth.issuers: two issuers are named ${name}`,
    ),
    ...[...twice(issuers.map(({ issuer }) => issuer))].map(
      (issuer) => `auth.issuers: the issuer ${issuer} is there twice`,
    ),
    ...issuers
      .filter(({ tenantId, tenantClaim }) => (tenantId === null) === (tenantClaim === null))
      .map(({ name }) => `auth.issuers: ${name} needs either tenant_id or tenant_claim`),
  ]
}

function aboutSizes({ chunking, retrieval, ingest }: Config): readonly string[] {
  return [
    ...(chunking.overlapTokens * 2 > chunking.maxTokens
      ? ['chunking.overlap_tokens must be at most half of chunking.max_tokens']
      : []),
    ...(retrieval.denseWeight === 0 && retrieval.lexicalWeight === 0
      ? ['retrieval.dense_weight and retrieval.lexical_weight must not both be 0']
      : []),
    ...(ingest.maxFileBytes > ingest.maxExpandedBytes
      ? ['ingest.max_expanded_bytes must be at least ingest.max_file_bytes']
      : []),
  ]
}

/** Budgets and costs are added up, so all of them must be in one currency. */
function aboutMoney({ chat, embedding, tenancy }: Config): readonly string[] {
  const priced = [
    ...chat.models.map(({ name, price }) => ({ what: `the chat model ${name}`, price })),
    { what: 'the embedding service', price: embedding.price },
    ...embedding.others.map(({ model, price }) => ({
      what: `the embedding model ${model}`,
      price,
    })),
  ]
  return priced.flatMap(({ what, price }) =>
    price === null || price.currency === tenancy.currency
      ? []
      : [
          `the price of ${what} is in ${price.currency}, but tenancy.currency is ${tenancy.currency}: state both in one`,
        ],
  )
}

function aboutBudgets({ budgets, chat }: Config): readonly string[] {
  const { cheaperModel, warnAt, cheaperAt } = budgets
  const names = [...chat.models.map(({ name }) => name), 'extractive']
  return [
    ...(cheaperModel === null || names.includes(cheaperModel)
      ? []
      : [`budgets.cheaper_model names no model: ${cheaperModel}; known are ${names.join(', ')}`]),
    ...(warnAt > cheaperAt ? ['budgets.warn_at must be at most budgets.cheaper_at'] : []),
  ]
}

function aboutAudit({ sink, file, url }: Config['audit']): readonly string[] {
  if (sink === 'file' && file === null) return ['audit.file is missing: the sink file needs a path']
  const scheme = sink === 'http' ? /^https?:/ : sink === 'syslog' ? /^(tcp|udp):/ : null
  if (scheme === null || (url !== null && scheme.test(url) && URL.canParse(url))) return []
  return [
    sink === 'http'
      ? 'audit.url must be http:// or https:// for the sink http'
      : 'audit.url must be udp://host:port or tcp://host:port for the sink syslog',
  ]
}

/** Entries that cannot be read are named by who reads them. */
function aboutSources(sources: Config['sources']): readonly string[] {
  try {
    openReach(sources)
    return []
  } catch (error) {
    return [
      `sources.allowed_hosts or sources.allowed_networks: ${error instanceof Error ? error.message : String(error)}`,
    ]
  }
}

function aboutBlobs(blobs: Config['blobs']): readonly string[] {
  const { store, bucket, accessKeyId, secretAccessKey, masterKey, previousMasterKey } = blobs
  return [
    ...(store === 's3' && bucket === null
      ? ['blobs.bucket is missing: the store s3 needs the name of its bucket']
      : []),
    ...((accessKeyId === null) === (secretAccessKey === null)
      ? []
      : ['blobs.access_key_id and blobs.secret_access_key go together: give both or neither']),
    ...[
      ['blobs.master_key', masterKey],
      ['blobs.previous_master_key', previousMasterKey],
    ].flatMap(([name, key]) =>
      key === null || key === undefined || isMasterKey(key)
        ? []
        : [`${name} must be 32 bytes, as 64 hex digits or as Base64`],
    ),
    ...(masterKey === null && previousMasterKey !== null
      ? ['blobs.master_key is missing: blobs.previous_master_key alone encrypts nothing']
      : []),
  ]
}

const isMasterKey = (text: string) =>
  /^[0-9a-fA-F]{64}$/.test(text) || /^[A-Za-z0-9+/]{43}=$/.test(text)
