/**
 * Structural ids: `000012.solve.deduction.0003.0`. They are zero-padded, so that they sort like
 * numbers. The fourth part is a number, or for estimates the hash of the task's wording.
 */
import type { Kind, Purpose } from './task.ts'

export type Key = {
  step: number
  purpose: Purpose
  /** A kind, or for evaluations `suite:kind:mode`. */
  kind: Kind | string
  index: number | string
  sample: number
}

export function formatStep(step: number): string {
  return String(step).padStart(6, '0')
}

export function formatIndex(index: number | string): string {
  return typeof index === 'number' ? String(index).padStart(4, '0') : index
}

export function formatKey(key: Key): string {
  return [
    formatStep(key.step),
    key.purpose,
    key.kind,
    formatIndex(key.index),
    String(key.sample),
  ].join('.')
}

export function parseKey(id: string): Key {
  const [step, purpose, kind, index, sample, ...rest] = id.split('.')
  if (sample === undefined || rest.length > 0) {
    throw new TypeError(`Cannot read id ${id} as it does not have five parts`)
  }
  return {
    step: Number(step),
    purpose: purpose as Purpose,
    kind: kind as string,
    index:
      /^\d{4,}$/.test(index as string) && index?.length !== 32 ? Number(index) : (index as string),
    sample: Number(sample),
  }
}

/** `000012.solve.deduction.0003.0` and input 2 give `000012.solve.deduction.0003.0.02`. */
export function executionKey(id: string, input: number): string {
  return `${id}.${String(input).padStart(2, '0')}`
}
