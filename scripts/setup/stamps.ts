/** What was set up last, as hashes of the files that say what to set up. scripts/launch compares the same. */
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** runtime: what `npm start` needs. dev: what the tests need as well. */
export type Level = 'runtime' | 'dev'

export const requirements = {
  runtime: 'trainer/requirements.txt',
  dev: 'trainer/requirements-dev.txt',
}
/** What the learner of real language models needs beside: no part of the stamp, as few need it. */
export const modelRequirements = (device: 'cpu' | 'cuda') => [
  'trainer/requirements-models.txt',
  ...(device === 'cuda' ? ['trainer/requirements-models-cuda.txt'] : []),
]
/** Each lies inside what it vouches for, and is written last. */
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

/** What the page is built from, as the shell lists it. */
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

/** The level that stands, be it stale or unfinished; undefined where there is no environment. */
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

/** From here until the next stamp it is not fresh, yet what stands in it is kept. */
export function markPythonUnfinished(root: string): void {
  writeFileSync(join(root, stamps.python), 'unfinished\nnone\n')
}
