import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A configuration that names another embedding model, `other`, behind the address. */
export async function writeOtherModel(
  baseUrl: string,
): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'ragstone-config-'))
  const path = join(folder, 'ragstone.yaml')
  await writeFile(
    path,
    `embedding: { others: [{ base_url: "${baseUrl}", model: other, dimensions: 8 }] }\n`,
  )
  return { path, remove: () => rm(folder, { recursive: true, force: true }) }
}
