/**
 * Hashes of the files that say what to set up, as stamps of the last set-up. scripts/launch
 * compares the same.
 */
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** `runtime` is enough for `npm start`. `dev` has what the tests need. */
export type Level = 'runtime' | 'dev'

export const requirements = {
  runtime: 'trainer/requirements.txt',
  dev: 'trainer/requirements-dev.txt',
}
/**
 * The additional packages for real language models. They are not in the stamp, because few need
 * them.
 */
export const modelRequirements = (device: 'cpu' | 'cuda') => [
  'trainer/requirements-models.txt',
  ...(device === 'cuda' ? ['trainer/requirements-models-cuda.txt'] : []),
]
/** Each stamp is inside what it vouches for, and is written last. */
export const stamps = {
  packages: 'node_modules/.setup',
  page: 'web/dist/.setup',
  python: '.venv/.setup',
}

export function hashFiles(root: string, ...paths: string[]): string {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

function readLines(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
}

export function packagesAreFresh(root: string): boolean {
  const [hash] = readLines(join(root, stamps.packages))
  return hash === hashFiles(root, 'package.json', 'package-lock.json')
}

export function stampPackages(root: string): void {
  const hash = hashFiles(root, 'package.json', 'package-lock.json')
  writeFileSync(join(root, stamps.packages), `${hash}\n`)
}

/** The sources of the page, as the shell lists them. */
const pagePatterns = ['lib/formats.ts', 'web/*.*', 'web/src/*.*', 'web/src/*/*.*']

function pageSources(root: string): string[] {
  const files = pagePatterns.flatMap(pattern => globSync(pattern, { cwd: root }).sort())
  return ['package-lock.json', ...files]
}

export function pageIsFresh(root: string): boolean {
  const [hash] = readLines(join(root, stamps.page))
  return hash === hashFiles(root, ...pageSources(root))
}

export function stampPage(root: string): void {
  writeFileSync(join(root, stamps.page), `${hashFiles(root, ...pageSources(root))}\n`)
}

/**
 * The level of the existing environment, even if stale or unfinished; undefined if there is none.
 */
export function pythonLevel(root: string): Level | undefined {
  const [runtime, dev] = readLines(join(root, stamps.python))
  if (!runtime || !existsSync(join(root, '.venv/bin/python'))) return undefined
  return dev && dev !== 'none' ? 'dev' : 'runtime'
}

export function pythonIsFresh(root: string, level: Level): boolean {
  if (!pythonLevel(root)) return false
  const [runtime, dev] = readLines(join(root, stamps.python))
  if (runtime !== hashFiles(root, requirements.runtime)) return false
  return level === 'runtime' || dev === hashFiles(root, requirements.dev)
}

export function stampPython(root: string, level: Level): void {
  const dev = level === 'dev' ? hashFiles(root, requirements.dev) : 'none'
  const text = `${hashFiles(root, requirements.runtime)}\n${dev}\n`
  writeFileSync(join(root, stamps.python), text)
}

/** Until the next stamp the environment counts as stale, but its contents are kept. */
export function markPythonUnfinished(root: string): void {
  writeFileSync(join(root, stamps.python), 'unfinished\nnone\n')
}
