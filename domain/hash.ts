/** Hashes of JSON values and of tasks. sha256, the first 32 hex characters. */
import { hash } from 'node:crypto'
import type { Kind, Task } from './task.ts'

/**
 * JSON with sorted keys, so that equal values give equal text. It is hand-written, because each
 * unit of work needs it and JSON.stringify with a replacer is several times slower.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`
}

export function hashText(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32)
}

export function hashOf(value: unknown): string {
  return hashText(canonicalJson(value))
}

/**
 * Two tasks with this hash are duplicates: the same kind, normalised program and canonical inputs.
 */
export function taskHash(kind: Kind, normalized: string, inputs: string[]): string {
  return hashOf([kind, normalized, inputs])
}

/**
 * The key of an estimate: a task in its exact wording. Proposals that differ only in wording (a
 * comment, a message) are answered separately, so that no answer depends on which came first.
 */
export function wordingHash({ hash, program, pairs, message }: Task): string {
  return hashOf([hash, program, pairs.map(({ input }) => input), message])
}
