import type { FastifyReply } from 'fastify'
import { causeOf, type Calls } from './calls.ts'

/** Work that ends when its caller is gone or the server must stop, and then fails with that reason. */
export async function withCall<Result>(
  calls: Calls,
  reply: FastifyReply,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const call = calls.begin(reply)
  try {
    return await work(call.signal)
  } catch (error) {
    throw causeOf(error, call.signal)
  } finally {
    call.end()
  }
}
