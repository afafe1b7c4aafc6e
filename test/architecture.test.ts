/** The rooms of the house, and which of them may know which. */
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { functionsIn, linesIn } from './architecture/sizes.ts'

const root = join(import.meta.dirname, '..')

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
}

/** What a file imports: project files by path, packages by name. `import type` is left out. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(/^(?:import|export) (?!type )[^'"]*?from '([^']+)'/gms)
  return [...found].map(([, name = '']) =>
    name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : name,
  )
}

/** Project files that a file names, those of which it takes types alone included. */
function namedIn(file: string): string[] {
  const found = readFileSync(join(root, file), 'utf8').matchAll(/ from '(\.[^']+)'/g)
  return [...found].map(([, name = '']) => relative(root, resolve(root, dirname(file), name)))
}

describe('who may import whom', () => {
  test.each(filesIn('domain'))('%s is pure: it knows the domain only', file => {
    const allowed = /^(domain\/|lib\/formats\.ts$|node:crypto$|zod$|fastest-levenshtein$)/
    expect(importsOf(file).filter(name => !allowed.test(name))).toEqual([])
  })

  test.each(filesIn('actors'))('%s knows no process, no database and no work', file => {
    const allowed = /^(actors\/|domain\/|xstate$)/
    expect(importsOf(file).filter(name => !allowed.test(name))).toEqual([])
  })

  test.each(filesIn('src/run/work'))('%s starts nothing itself', file => {
    const banned =
      /^(node:child_process|xstate|src\/run\/world\.ts|src\/cli|src\/http|state\/(store|open))/
    expect(importsOf(file).filter(name => banned.test(name))).toEqual([])
  })

  test.each(filesIn('state'))('%s knows the domain, and nobody who uses it', file => {
    const allowed = /^(state\/|domain\/|node:|drizzle-orm|better-sqlite3$|comlink$)/
    expect(importsOf(file).filter(name => !allowed.test(name))).toEqual([])
  })

  test('no file waits for itself: types count, too', () => {
    const rooms = ['lib', 'domain', 'actors', 'state', 'sandbox']
    const files = [...rooms, 'src/engine', 'src/learner', 'src/run'].flatMap(filesIn)
    const circles: string[] = []
    const done = new Set<string>()
    const visit = (file: string, path: string[]) => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      if (path.includes(file) || done.has(file) || !files.includes(file)) return
      for (const next of namedIn(file)) visit(next, [...path, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
    expect(circles).toEqual([])
  })

  test('no file of ours evaluates text', () => {
    const files = ['lib', 'domain', 'src', 'actors', 'state', 'sandbox', 'scripts'].flatMap(filesIn)
    const bad = files.filter(file =>
      /\beval\(|new Function\(|node:vm/.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(bad).toEqual([])
  })
})

describe('sizes that nothing exceeds', () => {
  const rooms = '{lib,domain,actors,state,sandbox,src,scripts,bench,web/src}'
  const files = globSync(`${rooms}/**/*.{ts,tsx}`, { cwd: root })

  test('no file has more than 250 lines', () => {
    const sizes = files.map(file => ({ file, lines: linesIn(join(root, file)) }))
    expect(sizes.length).toBeGreaterThan(300)
    expect(sizes.filter(({ lines }) => lines > 250)).toEqual([])
  })

  test('no function has more than 60', () => {
    const long = files.flatMap(file =>
      functionsIn(join(root, file))
        .filter(({ lines }) => lines > 60)
        .map(found => ({ file, ...found })),
    )
    expect(long).toEqual([])
  })

  test('a function is measured from its first line to its last', () => {
    const [longest] = functionsIn(join(import.meta.dirname, 'architecture', 'sizes.ts'))
    expect(longest).toMatchObject({ name: 'functionsIn' })
    expect(longest?.lines).toBeGreaterThan(15)
  })
})
