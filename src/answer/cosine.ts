/** Of two unit vectors: their dot product. */
export function cosine(left: Float32Array, right: Float32Array): number {
  let sum = 0
  for (let place = 0; place < left.length; place++) {
    sum += (left[place] ?? 0) * (right[place] ?? 0)
  }
  return sum
}
