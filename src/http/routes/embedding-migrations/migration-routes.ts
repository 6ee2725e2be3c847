import {
  embeddingMigration,
  embeddingsQuery,
  embeddingsStatus,
  migrationEstimate,
  migrationEstimateRequest,
  migrationRequest,
} from '../../../contract/embedding-migration.ts'
import { askedBy } from '../../asked-by.ts'
import type { RouteDeps, Routes } from '../../route-deps.ts'
import { streamSnapshots } from '../../stream-snapshots.ts'
import { withCall } from '../../with-call.ts'
import { wireMigration, wireStatus } from './wire-migration.ts'

const TAGS = ['Embedding models']
const UNDER_WAY = ['planned', 'building']

/** For whoever runs the server: they look at every tenant. */
export function migrationRoutes(app: Routes, deps: RouteDeps): void {
  const { embeddings } = deps

  app.get(
    '/api/embeddings',
    {
      schema: {
        tags: TAGS,
        summary: 'Retrieve which embedding models there are, and which one serves',
        description:
          'And how far the migration from one to the other is, if there is one. With `stream: true` as events, until it waits for you.',
        querystring: embeddingsQuery,
        response: { 200: embeddingsStatus },
      },
      config: { scope: 'operator', streams: true },
    },
    async (request, reply) => {
      const look = async () => wireStatus(await embeddings.status())
      const first = await look()
      if (request.query.stream !== true) return first
      const isUnderWay = ({ migration }: typeof first) =>
        UNDER_WAY.includes(migration?.status ?? '')
      return streamSnapshots(
        deps,
        { request, reply },
        {
          first,
          look,
          event: (shown) => (isUnderWay(shown) ? 'embeddings.progress' : 'embeddings.waiting'),
          isLast: (shown) => !isUnderWay(shown),
          concerns: ({ type }) => type === 'embedding-changed',
        },
      )
    },
  )

  app.post(
    '/api/embeddings/estimate',
    {
      schema: {
        tags: TAGS,
        summary: 'What a migration would take',
        description: 'Counted over all tenants, and timed on a batch that the model embeds now.',
        body: migrationEstimateRequest,
        response: { 200: migrationEstimate },
      },
      config: { scope: 'operator', failures: [404, 409, 502, 503] },
    },
    async (request, reply) => {
      const estimate = await withCall(deps.calls, reply, (signal) =>
        embeddings.estimate(askedBy(request), request.body.model, signal),
      )
      return {
        ...estimate,
        object: 'embeddings.estimate' as const,
        notes: [...estimate.notes],
      }
    },
  )

  app.post(
    '/api/embeddings/migrate',
    {
      schema: {
        tags: TAGS,
        summary: 'Begin to embed everything by another model',
        description:
          'In the background, while questions are answered as before. What is indexed, edited or deleted from then on is so in both.',
        body: migrationRequest,
        response: { 200: embeddingMigration },
      },
      config: { scope: 'operator', audit: 'embeddings.migrate', failures: [404, 409] },
    },
    async ({ principal, body, audited }) => {
      const { model, chunks_per_second: rate = null } = body
      const migration = embeddings.begin(principal.tenantId, { model, rate })
      Object.assign(audited.detail, { model, rate })
      return wireMigration(await migration)
    },
  )

  const steps = [
    {
      path: 'cut-over',
      audit: 'embeddings.cut_over',
      summary: 'Let the new model serve',
      description:
        'At once, for every server. Refused unless every chunk that searches can find has its vector. Both go on being written, so that rolling back loses nothing.',
      take: (tenantId: string) => embeddings.cutOver(tenantId),
    },
    {
      path: 'roll-back',
      audit: 'embeddings.roll_back',
      summary: 'Let the old model serve again',
      description: 'At once, for every server. Both go on being written.',
      take: (tenantId: string) => embeddings.rollBack(tenantId),
    },
    {
      path: 'drop-old',
      audit: 'embeddings.drop_old',
      summary: 'Delete the vectors of the old model',
      description: 'The migration is over; from here on there is no way back.',
      take: (tenantId: string) => embeddings.dropOld(tenantId),
    },
    {
      path: 'cancel',
      audit: 'embeddings.cancel',
      summary: 'Give the migration up',
      description:
        'At any stage: the vectors of the new model are deleted. Where it serves already, the old one serves again first.',
      take: (tenantId: string) => embeddings.cancel(tenantId),
    },
  ] as const
  for (const { path, audit, summary, description, take } of steps) {
    app.post(
      `/api/embeddings/${path}`,
      {
        schema: { tags: TAGS, summary, description, response: { 200: embeddingMigration } },
        config: { scope: 'operator', audit, failures: [409] },
      },
      async ({ principal, audited }) => {
        const migration = take(principal.tenantId)
        return wireMigration(
          await migration.then((done) => {
            Object.assign(audited.detail, { from: done.fromModel, to: done.toModel })
            return done
          }),
        )
      },
    )
  }
}
