import type { FauxqsServer } from 'fauxqs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { ChangeNotice, OpenSource } from '../../src/core/ports/source-kind.ts'
import { bucketEvent, makeS3Place, openS3Source, startCloud, type S3Place } from './s3-place.ts'

let server: FauxqsServer
beforeAll(async () => {
  server = await startCloud()
})
afterAll(() => server.stop())

function listen(source: OpenSource) {
  const ending = new AbortController()
  const notices = source.changes?.(ending.signal)[Symbol.asyncIterator]()
  onTestFinished(() => ending.abort())
  return {
    next: async (): Promise<ChangeNotice> => (await notices?.next())?.value,
    async end() {
      ending.abort()
      return notices?.next()
    },
  }
}

const messagesOf = ({ queue }: S3Place) => {
  const { ready = [], inflight = [] } = server.inspectQueue(queue)?.messages ?? {}
  return { ready: ready.length, inflight: inflight.length }
}

describe('the queue of a bucket', () => {
  test('tells of keys as they are called', async () => {
    const place = makeS3Place(server)
    place.tell('a b+c/ä 🍐.md')

    expect((await listen(openS3Source(place.settings)).next()).keys).toEqual(['a b+c/ä 🍐.md'])
  })

  test('tells by a topic', async () => {
    const place = makeS3Place(server)
    server.publish(place.topic, JSON.stringify(bucketEvent(place.settings.bucket, 'a.md')))

    expect((await listen(openS3Source(place.settings)).next()).keys).toEqual(['a.md'])
  })

  test('keeps a message until it is acknowledged', async () => {
    const place = makeS3Place(server)
    place.tell('a.md')
    const notice = await listen(openS3Source(place.settings)).next()

    expect(messagesOf(place)).toEqual({ ready: 0, inflight: 1 })
    await notice.acknowledge()
    expect(messagesOf(place)).toEqual({ ready: 0, inflight: 0 })
  })

  test('gets back at once what was not acknowledged when the listening ends', async () => {
    const place = makeS3Place(server)
    place.tell('a.md')
    const listening = listen(openS3Source(place.settings))
    await listening.next()
    await listening.end()

    expect(messagesOf(place)).toEqual({ ready: 1, inflight: 0 })
  })

  test('tells once of many changes of one object', async () => {
    const place = makeS3Place(server)
    for (let at = 0; at < 3; at += 1) place.tell('a.md')

    expect((await listen(openS3Source(place.settings)).next()).keys).toEqual(['a.md'])
  })

  test('loses what nobody understands, with a warning, and goes on', async () => {
    const place = makeS3Place(server)
    const warnings: string[] = []
    server.sendMessage(place.queue, 'no JSON')
    server.sendMessage(place.queue, JSON.stringify(bucketEvent('others', 'a.md')))
    const source = openS3Source(place.settings, { warn: (sentence) => warnings.push(sentence) })
    const listening = listen(source)
    const told = listening.next()
    await expect.poll(() => messagesOf(place)).toEqual({ ready: 0, inflight: 0 })
    place.tell('b.md')

    expect((await told).keys).toEqual(['b.md'])
    expect(warnings).toHaveLength(2)
  })

  test('tells nothing of what the patterns leave out', async () => {
    const place = makeS3Place(server)
    place.tell('a.txt')
    place.tell('b.md')
    const source = openS3Source({ ...place.settings, include: ['*.md'] })

    expect((await listen(source).next()).keys).toEqual(['b.md'])
  })

  test('that has gone is told', async () => {
    const place = makeS3Place(server)
    server.deleteQueue(place.queue)

    await expect(listen(openS3Source(place.settings)).next()).rejects.toMatchObject({
      code: 'provider_rejected',
      message: expect.stringContaining('QueueDoesNotExist'),
    })
  })

  test('ends a question that is held open when it is asked to', async () => {
    const place = makeS3Place(server)
    const listening = listen(openS3Source(place.settings))
    const told = listening.next()
    await listening.end()

    expect(await told).toBeUndefined()
  })

  test('is not asked for where none is named', () => {
    const { queue_url: _, ...settings } = makeS3Place(server).settings

    expect(openS3Source(settings)).not.toHaveProperty('changes')
  })
})
