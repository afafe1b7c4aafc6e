/**
 * ARCHITECTURE.md as a program: the rooms, their dependencies and packages, no circular imports,
 * and the size limits.
 */
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { functionsIn, linesIn } from './architecture/sizes.ts'

const root = join(import.meta.dirname, '..')

type Room = {
  /** Rooms whose values it may import. Types may also come from the rooms of `types`. */
  knows: string[]
  types?: string[]
  /** npm packages; Node's own modules are allowed unless `pure`. */
  packages?: RegExp
  pure?: true
}

const ground = ['domain', 'lib']
const floors = ['actors', 'state', 'sandbox']
const clients = ['src/engine', 'src/learner', 'src/benchmarks', 'src/plugins']

const rooms: Record<string, Room> = {
  lib: { knows: [] },
  domain: { knows: ['lib'], packages: /^(zod|fastest-levenshtein)$/, pure: true },
  actors: { knows: ['domain'], packages: /^xstate$/, pure: true },
  state: { knows: ground, packages: /^(drizzle-orm|better-sqlite3|comlink)(\/|$)/ },
  sandbox: { knows: ground },
  'src/config': { knows: ground, packages: /^(zod|yaml|fastest-levenshtein)$/ },
  'src/plugins': {
    knows: ['src/config', ...floors, ...ground],
    types: ['src/benchmarks'],
    packages: /^zod$/,
  },
  'src/engine': { knows: ['src/config', ...ground], packages: /^undici$/ },
  'src/learner': { knows: ['src/config', ...ground], types: ['src/engine'] },
  'src/benchmarks': {
    knows: ['src/config', ...ground],
    types: ['src/plugins', 'state', 'sandbox'],
    packages: /^undici$/,
  },
  'src/run': { knows: [...clients, 'src/config', ...floors, ...ground], packages: /^xstate$/ },
  // Readers of the store: the page and the reports.
  'src/http': { knows: ['src/config', 'state', 'actors', ...ground], packages: /^(@?hono)(\/|$)/ },
  'src/report': {
    knows: ['src/config', 'state', ...ground],
    types: ['src/benchmarks'],
    packages: /^(hyparquet-writer|hono\/html)$/,
  },
  'src/cli': {
    knows: ['src/run', 'src/http', 'src/report', ...clients, 'src/config', ...floors, ...ground],
    packages: /^(zod|better-sqlite3)$/,
  },
}

type Import = { name: string; isType: boolean }

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
}

const files = ['lib', 'domain', 'actors', 'state', 'sandbox', 'src'].flatMap(filesIn)

/** The imports of a file: project files by path, packages by name. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(/^(?:import|export) (type )?[^'"]*?from '([^']+)'/gms)
  return [...found].map(([, type, name = '']) => ({
    name: name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : name,
    isType: type !== undefined,
  }))
}

const imports = new Map(files.map(file => [file, importsOf(file)]))
const roomOf = (file: string) => Object.keys(rooms).find(room => file.startsWith(`${room}/`))

function isAllowed(file: string, { name, isType }: Import): boolean {
  const room = roomOf(file) as string
  const { knows, types = [], packages, pure } = rooms[room] as Room
  if (name.startsWith('node:')) return !pure || name === 'node:crypto'
  if (!name.includes('.ts')) return packages?.test(name) === true || isType
  const other = roomOf(name)
  if (other === undefined) return false
  return other === room || knows.includes(other) || (isType && types.includes(other))
}

/** Circular imports, each as its files. Type imports count too. */
function circles(): string[][] {
  const index = new Map<string, number>()
  const lowest = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []
  const visit = (file: string): void => {
    index.set(file, index.size)
    lowest.set(file, index.get(file) as number)
    stack.push(file)
    for (const { name } of imports.get(file) ?? []) {
      if (!imports.has(name)) continue
      if (!index.has(name)) visit(name)
      else if (!stack.includes(name)) continue
      lowest.set(file, Math.min(lowest.get(file) as number, lowest.get(name) as number))
    }
    if (lowest.get(file) !== index.get(file)) return
    const circle = stack.splice(stack.indexOf(file))
    if (circle.length > 1) found.push(circle)
  }
  for (const file of files) if (!index.has(file)) visit(file)
  return found
}

describe('rooms', () => {
  test('every file belongs to a room', () => {
    expect(files.filter(file => roomOf(file) === undefined)).toEqual([])
  })

  test.each(Object.keys(rooms))('%s imports only what its room may know', room => {
    const wrong = files
      .filter(file => roomOf(file) === room)
      .flatMap(file =>
        importsOf(file)
          .filter(found => !isAllowed(file, found))
          .map(({ name }) => `${file} imports ${name}`),
      )
    expect(wrong).toEqual([])
  })

  test('there are no circular imports', () => {
    expect(circles()).toEqual([])
  })

  test('none of our files evaluates text', () => {
    const bad = [...files, ...filesIn('scripts')].filter(file =>
      /\beval\(|new Function\(|node:vm/.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(bad).toEqual([])
  })
})

describe('maximum sizes', () => {
  const rooms = '{lib,domain,actors,state,sandbox,src,scripts,bench,web/src}'
  const files = globSync(`${rooms}/**/*.{ts,tsx}`, { cwd: root })

  test('no file has more than 250 lines', () => {
    const sizes = files.map(file => ({ file, lines: linesIn(join(root, file)) }))
    expect(sizes.length).toBeGreaterThan(300)
    expect(sizes.filter(({ lines }) => lines > 250)).toEqual([])
  })

  test('no function has more than 60 lines', () => {
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
