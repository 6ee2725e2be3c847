import { Type, type Static } from 'typebox'
import { admission } from './admission-settings.ts'
import { chatModel, embeddingModel, otherEmbeddingModel } from './model-settings.ts'
import { audit } from './audit-settings.ts'
import { blobs } from './blob-settings.ts'
import {
  choice,
  flag,
  MEGABYTE,
  optional,
  section,
  share,
  text,
  weight,
  whole,
} from './setting-kinds.ts'
import { auth } from './auth-settings.ts'
import { ingest } from './ingest-settings.ts'
import { sources } from './source-settings.ts'
import { limits, valkey } from './limits-settings.ts'
import { budgets } from './budget-settings.ts'
import { tenancy } from './tenancy-settings.ts'

const server = section('The HTTP server.', {
  host: text({ description: 'Address to listen on.', default: '127.0.0.1' }),
  port: whole({
    minimum: 0,
    maximum: 65_535,
    description: 'Port to listen on; 0 takes a free one.',
    default: 8080,
  }),
  bodyLimit: whole({
    unit: 'bytes',
    minimum: 1024,
    description: 'Largest request body that is not an upload.',
    default: MEGABYTE,
  }),
  requestTimeoutSeconds: whole({
    maximum: 86_400,
    description: 'How long a request may take to arrive whole, uploads included.',
    default: 300,
  }),
  headersTimeoutSeconds: whole({
    maximum: 3600,
    description: 'How long the headers of a request may take to arrive.',
    default: 15,
  }),
  maxConnections: whole({
    maximum: 1_000_000,
    description: 'Connections that may be open at once; further ones are closed.',
    default: 10_000,
  }),
  shutdownGraceSeconds: whole({
    minimum: 0,
    maximum: 3600,
    description: 'How long answers that are being streamed may go on after a request to stop.',
    default: 10,
  }),
  trustedProxies: Type.Array(text({ description: 'An address, or a network like 10.0.0.0/8.' }), {
    description:
      'Proxies whose X-Forwarded headers are believed: addresses and networks, or `loopback`, `linklocal`, `uniquelocal`. Without them a caller behind a proxy has the address of the proxy.',
    default: [],
  }),
  metricsToken: optional(
    text({
      description:
        'Opens `/metrics` as a bearer token, besides keys that have the scope `operator`.',
      secret: true,
    }),
  ),
  allowedOrigins: Type.Array(
    Type.String({
      pattern: '^https?://[^/]+$',
      description: 'As browsers send it; `*` stands for one label: `https://*.example.com`.',
    }),
    {
      description:
        'Origins of pages elsewhere that may call `/mcp`, besides those of this machine, chatgpt.com, claude.ai and claude.com.',
      default: [],
    },
  ),
  backgroundResponses: whole({
    maximum: 10_000,
    description:
      'Responses with `background: true` that this process works on at once; more are refused for the moment.',
    default: 32,
  }),
  workers: optional(
    whole({
      minimum: 0,
      maximum: 64,
      description:
        'Files that the server itself works on at once, besides answering; null takes `ingest.concurrency`, 0 leaves all of them to `ragstone work`.',
    }),
  ),
  logLevel: optional(
    choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      description:
        'What is written to the log, on standard error; null is `warn` on a terminal and `info` elsewhere.',
    }),
  ),
})

const data = section('What is kept on disk.', {
  directory: text({
    path: true,
    description: 'Holds the embedded database, the files and the local socket.',
    default: './data',
  }),
  samples: flag({
    description: 'Load the bundled sample library at the first start.',
    default: true,
  }),
})

const database = section('Where everything but the files is stored.', {
  url: optional(
    Type.String({
      pattern: '^postgres(ql)?://',
      description:
        'A PostgreSQL 18 server with pgvector; null runs the embedded database in the data directory.',
      environment: ['RAGSTONE_DATABASE_URL', 'DATABASE_URL'],
      secret: 'url',
    }),
  ),
  maxConnections: whole({
    maximum: 1000,
    description: 'Connections that this process may hold.',
    default: 10,
  }),
})

const embedding = section('The model that turns text into vectors.', {
  provider: choice(['local', 'openai-compatible', 'none'], {
    description: '`none` searches by words alone.',
    default: 'local',
  }),
  ...embeddingModel,
  others: Type.Array(otherEmbeddingModel, {
    description:
      'Models to change to or back from: see operations/re-embedding.md. Whichever of all of them the documents are embedded by, the database knows.',
    default: [],
  }),
})

const chat = section('The models that write answers.', {
  defaultModel: optional(
    text({
      description:
        'Answers when a caller names no model; null takes the first of `models`, or `extractive` (quotes, needs no key) where there is none.',
    }),
  ),
  fallbacks: Type.Array(text({ description: 'A model name.' }), {
    description: 'Tried in this order when the chosen model fails; `extractive` always comes last.',
    default: [],
  }),
  models: Type.Array(chatModel, {
    description:
      'The registry. RAGSTONE_CHAT_BASE_URL, RAGSTONE_CHAT_MODEL and RAGSTONE_CHAT_API_KEY together put one in front.',
    default: [],
  }),
})

const retrieval = section('How chunks are found and chosen.', {
  candidates: whole({
    maximum: 1000,
    description: 'Each of the two searches gives up to this many.',
    default: 40,
  }),
  fusionK: Type.Number({
    minimum: 0,
    maximum: 1000,
    description: 'k of reciprocal rank fusion: the larger, the flatter.',
    default: 2,
  }),
  denseWeight: weight({ description: 'Of the search by meaning.', default: 0.75 }),
  lexicalWeight: weight({ description: 'Of the search by words.', default: 1 }),
  nearDuplicateThreshold: share({
    description: 'Chunks that share more than this of their three-word sequences are shown once.',
    default: 0.8,
  }),
  mmrLambda: share({
    description: '1 orders by relevance alone, 0 by difference from what is already chosen.',
    default: 0.9,
  }),
  maxChunks: whole({ maximum: 100, description: 'Given to the model.', default: 8 }),
  contextTokens: whole({
    minimum: 64,
    description: 'That the chunks given to the model may take together.',
    default: 3000,
  }),
  abstainBelow: share({
    description:
      'When what was found is less likely than this to hold the answer, the answer is that the documents do not say; 0 never abstains.',
    default: 0.5,
  }),
  historyTokens: whole({
    minimum: 0,
    description: 'Earlier turns of a conversation that the model is given.',
    default: 2000,
  }),
  maxQuestionCharacters: whole({ description: 'Longer questions are refused.', default: 8000 }),
})

const chunking = section('How documents are cut, in tokens of the embedding model.', {
  maxTokens: whole({ minimum: 16, maximum: 4096, description: 'Of a chunk.', default: 256 }),
  overlapTokens: whole({
    minimum: 0,
    maximum: 2048,
    description: 'That a chunk repeats of the one before; at most half of `max_tokens`.',
    default: 32,
  }),
})

const client = section('How the command line reaches a server on another machine.', {
  url: optional(
    Type.String({
      pattern: '^https?://',
      description: 'Its address; null speaks to the server of this data directory.',
      environment: ['RAGSTONE_URL'],
      secret: 'url',
    }),
  ),
  apiKey: optional(
    text({ description: 'Its key, `rs_…`.', environment: ['RAGSTONE_API_KEY'], secret: true }),
  ),
})

/** Every setting there is: camelCase here, snake_case in YAML. docs/configuration.md is written from it. */
export const configSchema = Type.Object({
  server,
  data,
  blobs,
  database,
  embedding,
  chat,
  retrieval,
  chunking,
  ingest,
  sources,
  auth,
  tenancy,
  limits,
  valkey,
  admission,
  budgets,
  audit,
  client,
})

export type Settings = Static<typeof configSchema>

type DeepReadonly<Value> = Value extends object
  ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
  : Value

type ChatSettings = DeepReadonly<Settings['chat']>

/** The effective configuration: paths are absolute, and a default model is always named. */
export interface Config extends DeepReadonly<Omit<Settings, 'chat'>> {
  readonly chat: Omit<ChatSettings, 'defaultModel'> & { readonly defaultModel: string }
}

export type ChatModelConfig = ChatSettings['models'][number]
export type EmbeddingModelConfig = Omit<DeepReadonly<Settings['embedding']>, 'others'>
