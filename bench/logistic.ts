import type { Calibration, Evidence } from '../src/answer/judge/evidence.ts'

const STEPS = 4_000
const RATE = 0.5
const RIDGE = 1e-4

/** Logistic regression by gradient descent, both classes weighing the same. Gives the bias, then a weight a feature. */
export function fitLogistic(
  examples: readonly { readonly features: readonly number[]; readonly positive: boolean }[],
): readonly number[] {
  const positives = examples.filter(({ positive }) => positive).length
  const weightOf = (positive: boolean) => 0.5 / (positive ? positives : examples.length - positives)
  const weights = [0, ...(examples[0]?.features ?? []).map(() => 0)]
  for (let step = 0; step < STEPS; step++) {
    const gradient = weights.map((weight, place) => (place === 0 ? 0 : RIDGE * weight))
    for (const { features, positive } of examples) {
      const inputs = [1, ...features]
      const sum = inputs.reduce((total, input, place) => total + input * (weights[place] ?? 0), 0)
      const error = (logistic(sum) - (positive ? 1 : 0)) * weightOf(positive)
      inputs.forEach((input, place) => {
        gradient[place] = (gradient[place] ?? 0) + error * input
      })
    }
    gradient.forEach((slope, place) => {
      weights[place] = (weights[place] ?? 0) - RATE * 4 * slope
    })
  }
  return weights
}

export function probabilityOf(calibration: Calibration, evidence: Evidence): number {
  return logistic(
    calibration.bias +
      calibration.coverage * evidence.coverage +
      calibration.known * evidence.known +
      calibration.similarity * (evidence.similarity ?? 0) +
      calibration.margin * (evidence.margin ?? 0),
  )
}

function logistic(sum: number): number {
  return 1 / (1 + Math.exp(-sum))
}
