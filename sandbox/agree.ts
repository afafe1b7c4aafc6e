/** Turns reports into executions: computes canonical texts, and compares two runs. Pure. */
import { canonicalOf } from '../domain/canonical/index.ts'
import type { Execution, Limits, Outcome } from '../domain/execution.ts'
import type { Mode, Report } from './unit.ts'

/** Facts about an input that are known before it runs. */
export type Input = { literal: boolean; canonical: string | null }

export type Finding = Pick<Execution, 'outcome' | 'output' | 'canonical' | 'error'>

// A canonical text may be longer than its display text (1e308 has 309 digits), up to this factor.
const canonicalFactor = 8

const failure = (outcome: Outcome, error: string | null = null): Finding => {
  return { outcome, output: null, canonical: null, error }
}

/** Checks the text that a child returned. Text that is not a value counts as a crash. */
function returned(text: string, mode: Mode, limits: Limits): Finding {
  if (mode === 'script') return { outcome: 'returned', output: text, canonical: text, error: null }
  const found = canonicalOf(text, canonicalFactor * limits.maxOutputBytes)
  if (found.ok) return { outcome: 'returned', output: text, canonical: found.text, error: null }
  return found.why === 'tooLong' ? failure('outputTooLong') : failure('crashed', 'no value')
}

/** A name that a program chose is printed on one line. */
const printable = (text: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, c => JSON.stringify(c).slice(1, -1))

export function findingOf(report: Report, mode: Mode, limits: Limits): Finding {
  const { outcome, text } = report
  return outcome === 'returned'
    ? returned(text, mode, limits)
    : failure(outcome, printable(text) || null)
}

export const isSame = (one: Finding, two: Finding) =>
  one.outcome === two.outcome && one.canonical === two.canonical

/** Runs under different hash seeds have to agree in outcome and canonical value. */
export function agree(one: Finding, two: Finding): Finding {
  if (isSame(one, two)) return one
  // A failure of the sandbox says nothing about the program.
  const ours = [one, two].find(({ outcome }) => outcome === 'ungraded')
  if (ours) return ours
  // If only one of the two runs met a limit, the limit counts: which run meets it is chance.
  const limits = ['timedOut', 'memoryExceeded', 'outputTooLong'] as const
  const met = limits.find(limit => one.outcome === limit || two.outcome === limit)
  return failure(met ?? 'nondeterministic')
}

const settled = new Set<Outcome>(['timedOut', 'rejected', 'ungraded', 'nondeterministic'])

/** Whether another run could not change the outcome. */
export const isSettled = ({ outcome }: Finding): boolean => settled.has(outcome)

export function executionOf(finding: Finding, report: Report, input: Input): Execution {
  return {
    ...finding,
    literal: input.literal,
    inputCanonical: input.literal ? input.canonical : null,
    cpuMs: report.cpuMs,
    peakMemoryBytes: report.peakMemoryBytes,
  }
}

/** The outcome of an input that never ran. */
export const unrun = (outcome: 'rejected' | 'ungraded', error: string): Execution => ({
  ...failure(outcome, error),
  literal: false,
  inputCanonical: null,
  cpuMs: 0,
  peakMemoryBytes: 0,
})
