export interface Finding {
  readonly ok: boolean
  /** What was found, as a short sentence. */
  readonly detail: string
  /** What to do about it; needed where it is not well. Where it is, a warning. */
  readonly advice?: string
}

/** One question that `ragstone doctor` asks. */
export interface Check {
  readonly name: string
  run(): Promise<Finding>
}

export interface CheckResult extends Finding {
  readonly name: string
}

/** In order, one after another; a check that throws has found something. */
export async function runChecks(checks: readonly Check[]): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = []
  for (const check of checks) results.push({ name: check.name, ...(await findingOf(check)) })
  return results
}

async function findingOf(check: Check): Promise<Finding> {
  try {
    return await check.run()
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return { ok: false, detail, advice: 'Mend what the sentence names, then run doctor again.' }
  }
}
