/** Hashes of JSON values and of tasks. sha256, the first 32 hex characters. */
import { createHash } from 'node:crypto'
import type { Kind } from './task.ts'

/** JSON with sorted keys, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

export function hashOf(value: unknown): string {
  return hashText(canonicalJson(value))
}

/** What duplicates are judged by: the kind, the normalised program and its canonical inputs. */
export function taskHash(kind: Kind, normalized: string, inputs: string[]): string {
  return hashOf([kind, normalized, inputs])
}
