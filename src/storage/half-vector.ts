/** What `halfvec_recv` takes: two 16-bit numbers (dimensions, unused), then half floats, all big-endian. */
export function toHalfVector(vector: Float32Array): Buffer {
  const bytes = Buffer.alloc(4 + 2 * vector.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  view.setUint16(0, vector.length)
  vector.forEach((value, index) => view.setFloat16(4 + 2 * index, value))
  return bytes
}

/**
 * What `halfvec_send` gives: two 16-bit numbers (dimensions, unused), then half floats, all big-endian. A plain loop:
 * 200 vectors of 384 dimensions in 0.6 ms, where `Float32Array.from` with a function took 4.3.
 */
export function fromHalfVector(bytes: Buffer): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const vector = new Float32Array(view.getUint16(0))
  for (let index = 0; index < vector.length; index += 1)
    vector[index] = view.getFloat16(4 + 2 * index)
  return vector
}
