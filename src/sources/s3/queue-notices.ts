import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import type { ChangeNotice } from '../../core/ports/source-kind.ts'
import { readBucketEvents } from './bucket-events.ts'
import { queueFailure } from './queue-failure.ts'

/** The longest that SQS holds a question open. */
const WAIT_SECONDS = 20
/** A notice is acknowledged as soon as the sync is in the database; after this long another reader gets it. */
const HIDDEN_SECONDS = 120
/** A connection that neither answers nor ends. */
const SILENT_MS = 60_000

export interface QueueOptions {
  readonly client: SQSClient
  readonly queueUrl: string
  readonly bucket: string
  /** Keys that the source does not want cause no sync. */
  readonly wants: (key: string) => boolean
  /** Of messages that were put away without being understood. */
  readonly warn: (sentence: string) => void
}

/**
 * What the queue tells of the bucket, until the signal. A message is deleted once its notice is acknowledged, at once
 * where there is nothing to do, and given back where the listening ends first.
 */
export async function* queueNotices(
  options: QueueOptions,
  signal: AbortSignal,
): AsyncGenerator<ChangeNotice> {
  const waiting = new Set<readonly Message[]>()
  try {
    while (!signal.aborted) {
      const messages = await receive(options, signal)
      const keys = messages.flatMap((message) => keysOf(message, options))
      if (keys.length === 0) await remove(options, messages)
      else {
        waiting.add(messages)
        yield {
          keys: [...new Set(keys)],
          async acknowledge() {
            await remove(options, messages)
            waiting.delete(messages)
          },
        }
      }
    }
  } finally {
    // Whoever listens next should not have to wait. Where this fails too, the time does it.
    for (const messages of waiting) await giveBack(options, messages).catch(() => undefined)
  }
}

async function receive(options: QueueOptions, signal: AbortSignal): Promise<readonly Message[]> {
  const request = new ReceiveMessageCommand({
    QueueUrl: options.queueUrl,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: WAIT_SECONDS,
    VisibilityTimeout: HIDDEN_SECONDS,
  })
  try {
    const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(SILENT_MS)])
    const { Messages = [] } = await options.client.send(request, { abortSignal })
    return Messages
  } catch (error) {
    if (signal.aborted) return []
    throw queueFailure(error)
  }
}

function keysOf(message: Message, { bucket, wants, warn }: QueueOptions): readonly string[] {
  const { keys, strange } = readBucketEvents(message.Body ?? '', bucket)
  if (strange !== null) {
    warn(`A message in the queue of the bucket ${bucket} was put away: ${strange}.`)
  }
  return keys.filter(wants)
}

async function remove(options: QueueOptions, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return
  const Entries = messages.map(entryOf)
  const request = new DeleteMessageBatchCommand({ QueueUrl: options.queueUrl, Entries })
  await options.client.send(request).catch((error: unknown) => {
    throw queueFailure(error)
  })
}

async function giveBack(options: QueueOptions, messages: readonly Message[]): Promise<void> {
  const Entries = messages.map((message, at) => ({ ...entryOf(message, at), VisibilityTimeout: 0 }))
  await options.client.send(
    new ChangeMessageVisibilityBatchCommand({ QueueUrl: options.queueUrl, Entries }),
  )
}

const entryOf = (message: Message, at: number) => ({
  Id: String(at),
  ReceiptHandle: message.ReceiptHandle ?? '',
})
