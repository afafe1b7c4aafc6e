/** Hashes of JSON values and of tasks. sha256, the first 32 hex characters. */
import { createHash } from 'node:crypto'
import type { Kind, Task } from './task.ts'

/**
 * JSON with sorted keys, so that equal values give equal text. Written out, as it is asked for with
 * every unit of work and JSON.stringify with a replacer takes several times as long.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`
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

/**
 * What estimates are keyed by: a task as it was written. Proposals that are one task in other
 * words (a comment, a message) are answered one by one, so that no answer depends on which came first.
 */
export function wordingHash({ hash, program, pairs, message }: Task): string {
  return hashOf([hash, program, pairs.map(({ input }) => input), message])
}
