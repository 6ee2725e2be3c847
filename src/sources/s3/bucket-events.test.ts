import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBucketEvents } from './bucket-events.ts'

const record = (key: string, bucket = 'papers') => ({
  eventName: 'ObjectCreated:Put',
  s3: { bucket: { name: bucket }, object: { key } },
})
const read = (message: unknown) => readBucketEvents(JSON.stringify(message), 'papers')
const bridged = (key: string) => ({
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: { bucket: { name: 'papers' }, object: { key } },
})
const byTopic = (message: unknown) => ({ Type: 'Notification', Message: JSON.stringify(message) })

describe('a message of a queue', () => {
  test('by S3 itself gives its keys decoded, each once', () => {
    const message = { Records: [record('a+b%2Bc.md'), record('a+b%2Bc.md'), record('%C3%A4.md')] }

    expect(read(message)).toEqual({ keys: ['a b+c.md', 'ä.md'], strange: null })
  })

  test('by EventBridge gives its key as it stands there', () => {
    expect(read(bridged('a+b%2Bc.md')).keys).toEqual(['a+b%2Bc.md'])
  })

  test.each([
    ['S3', { Records: [record('a.md')] }],
    ['EventBridge', bridged('a.md')],
  ])('by a topic gives what %s told it', (_name, message) => {
    expect(read(byTopic(message)).keys).toEqual(['a.md'])
  })

  test('that S3 tries a queue with means nothing', () => {
    expect(read({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'papers' })).toEqual({
      keys: [],
      strange: null,
    })
  })

  test('about another bucket is strange, but for what is of this one', () => {
    const message = { Records: [record('a.md', 'others'), record('b.md')] }

    expect(read(message)).toEqual({ keys: ['b.md'], strange: 'it is about another bucket' })
  })

  test('with a key that nobody can read is strange, but for the others', () => {
    const message = { Records: [record('%E0%A4%A.md'), record('b.md')] }

    expect(read(message)).toEqual({ keys: ['b.md'], strange: 'a key in it cannot be read' })
  })

  test.each(['', 'no JSON', '[]', 'null', '{"Records":{}}', '{"Records":[{"s3":{}}]}'])(
    'that is %j is strange',
    (body) => {
      const { keys, strange } = readBucketEvents(body, 'papers')

      expect([keys, typeof strange]).toEqual([[], 'string'])
    },
  )

  test('in more envelopes than anybody uses is strange', () => {
    const inner = byTopic(byTopic(byTopic({ Records: [record('a.md')] })))

    expect(read(inner).strange).not.toBeNull()
  })

  test('gives any key back as it was', () => {
    const key = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.isWellFormed())
    fc.assert(
      fc.property(key, (name) => {
        const encoded = encodeURIComponent(name).replaceAll('%20', '+')
        expect(read({ Records: [record(encoded)] }).keys).toEqual([name])
      }),
    )
  })

  test('never throws, whatever it is', () => {
    fc.assert(fc.property(fc.json(), (body) => void readBucketEvents(body, 'papers')))
  })
})
