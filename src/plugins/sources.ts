/** Finds the files of a plug-in, and hashes them. */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

const named =
  /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\(|\bnew URL\s*\()\s*(['"`])(\.{0,2}\/[^'"`\n]+)\1/g
const isCode = (path: string) => /\.[cm]?[jt]s$/.test(path)
const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false

/**
 * The paths that a file imports, in order. `new URL('./items.jsonl', import.meta.url)` counts too.
 */
function importsOf(path: string, text: string): string[] {
  const base = pathToFileURL(path)
  return [...text.matchAll(named)]
    .map(([, , name = '']) => fileURLToPath(new URL(name, base)))
    .filter(isFile)
}

/**
 * The file and all files that it imports by path, each once, in the order of their first mention.
 * The hash covers only their contents, so the folder may be moved. It does not cover packages, or
 * files whose path is computed at run time.
 */
export function sourcesOf(entry: string): { files: string[]; hash: string } {
  const files = [entry]
  const digest = createHash('sha256')
  for (const path of files) {
    const content = readFileSync(path)
    digest.update(`${content.length}\n`).update(content)
    const found = isCode(path) ? importsOf(path, content.toString()) : []
    for (const other of new Set(found)) if (!files.includes(other)) files.push(other)
  }
  return { files, hash: digest.digest('hex').slice(0, 32) }
}
