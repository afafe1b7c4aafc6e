/**
 * Structural ids: `000012.solve.deduction.0003.0`. Their numbers are padded with zeros, so that
 * texts sort like numbers. The fourth part is a number, or for estimates the hash of the task's
 * wording.
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

/** Steps have six digits everywhere: also where SQL and the page take a step from an id. */
export const mostSteps = 999_999

/**
 * A number as text that sorts like the number. If it has more digits than the width, a letter says
 * how many more: 9999 is `9999`, 10000 is `a10000`, 100000 is `b100000`.
 */
function sortable(value: number, width: number): string {
  const digits = String(value).padStart(width, '0')
  const more = digits.length - width
  return more === 0 ? digits : `${String.fromCharCode(96 + more)}${digits}`
}

const numberIn = (text: string) => Number(text.replace(/^[a-z]/, ''))

export function formatStep(step: number): string {
  return sortable(step, 6)
}

export function formatIndex(index: number | string): string {
  return typeof index === 'number' ? sortable(index, 4) : index
}

export function formatKey(key: Key): string {
  return [
    formatStep(key.step),
    key.purpose,
    key.kind,
    formatIndex(key.index),
    sortable(key.sample, 1),
  ].join('.')
}

export function parseKey(id: string): Key {
  const [step, purpose, kind, index = '', sample, ...rest] = id.split('.')
  if (sample === undefined || rest.length > 0) {
    throw new TypeError(`Cannot read id ${id} as it does not have five parts`)
  }
  const isNumber = /^[a-z]?\d{4,}$/.test(index) && index.length !== 32
  return {
    step: numberIn(step as string),
    purpose: purpose as Purpose,
    kind: kind as string,
    index: isNumber ? numberIn(index) : index,
    sample: numberIn(sample),
  }
}

/** `000012.solve.deduction.0003.0` and input 2 give `000012.solve.deduction.0003.0.02`. */
export function executionKey(id: string, input: number): string {
  return `${id}.${sortable(input, 2)}`
}
