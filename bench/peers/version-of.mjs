import { readFile } from 'node:fs/promises'

export async function versionOf(name) {
  const manifest = new URL(`node_modules/${name}/package.json`, import.meta.url)
  return `${name} ${JSON.parse(await readFile(manifest, 'utf8')).version}`
}

export function* batched(items, size) {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size)
}
