/**
 * Caches the results of canonical solutions on disk, because computing them is half of the work.
 * There is a file for each list of tests, named by a hash of all that it depends on. A damaged or
 * foreign file counts as missing. The computation is in evalplus/expected.ts.
 */
import { randomUUID } from 'node:crypto'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { type Call, isCall } from './calls.ts'

const maxFileBytes = 16 << 20
const maxTextBytes = 128 << 20
const maxAllBytes = 256 << 20
const ending = '.json.gz'

export type References = {
  read: (key: string) => Call[] | null
  keep: (key: string, calls: readonly Call[]) => void
  /** The lists of tests that this process has read or computed, or is computing. */
  known: WeakMap<object, readonly Call[]>
  making: WeakMap<object, Promise<readonly Call[]>>
}

function readFile(path: string, key: string): Call[] | null {
  try {
    const text = gunzipSync(readFileSync(path), { maxOutputLength: maxTextBytes }).toString('utf8')
    const { key: own, calls } = JSON.parse(text)
    return own === key && Array.isArray(calls) && calls.every(isCall) ? calls : null
  } catch {
    return null
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {}
}

/** Deletes the oldest files until the rest fit. */
function sweep(folder: string): void {
  const files = readdirSync(folder).map(name => {
    const path = join(folder, name)
    const { size, mtimeMs } = statSync(path)
    return { path, size, mtimeMs }
  })
  let bytes = 0
  for (const { path, size } of files.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
    bytes += size
    if (bytes > maxAllBytes) discard(path)
  }
}

function writeFile(folder: string, key: string, calls: readonly Call[]): void {
  const data = gzipSync(JSON.stringify({ key, calls }), { level: 1 })
  if (data.length > maxFileBytes) return
  const partial = join(folder, `${randomUUID()}.tmp`)
  try {
    writeFileSync(partial, data)
    renameSync(partial, join(folder, key + ending))
  } catch {
    discard(partial)
  }
}

/**
 * Without a folder nothing is cached. A folder that cannot be written costs time, not a verdict.
 */
export function createReferences(folder?: string): References {
  const memory = { known: new WeakMap(), making: new WeakMap() }
  if (folder === undefined) return { ...memory, read: () => null, keep: () => {} }
  try {
    mkdirSync(folder, { recursive: true })
    sweep(folder)
  } catch {}
  return {
    ...memory,
    read: key => readFile(join(folder, key + ending), key),
    keep: (key, calls) => writeFile(folder, key, calls),
  }
}
