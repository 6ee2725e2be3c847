/** Rejects when the work takes longer. A process that was busy itself looks at its mail before it blames the other side. */
export async function inTime<Result>(work: Promise<Result>, milliseconds: number): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => setImmediate(() => reject(new Error(`Valkey did not answer in ${milliseconds} ms.`))),
    milliseconds,
  )
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    // Whoever did not wait for it does not hear of its failure either.
    work.catch(() => undefined)
  }
}
