/**
 * Converts published problems into normalised ones, with references cleaned as in the paper's
 * pipeline. docs/reference/benchmarks.md lists the fields.
 */
import { readFileSync } from 'node:fs'
import { filledLines } from '../../../lib/lines.ts'
import { boxed } from '../extract.ts'
import { stripAnswer } from './strip.ts'

export type Row = Record<string, unknown>

/** The differences between the benchmarks. */
export type Reading = {
  name: string
  /** The reference that the paper takes from a row (default: `answer`). */
  referenceOf?: (row: Row) => string
  /** How the reference is cleaned (default: once, like all). */
  clean?: (reference: string) => string
  /** Repairs the problem's text; without it the text stays. */
  repair?: (problem: string) => string
}

export const fromSolution = ({ solution }: Row) => boxed(String(solution)) ?? ''

export const fromFinalAnswer = ({ final_answer }: Row) =>
  String((final_answer as string[])[0])
    .replaceAll('$', '')
    .trim()

/** A reference from a solution is cleaned where it is found, and again with all others. */
export const cleanTwice = (reference: string) => stripAnswer(stripAnswer(reference))

const swallowed = new Map([
  ['\t', '\\t'],
  ['\f', '\\f'],
  ['\r', '\\r'],
])

/** In this copy the `\t` of `\triangle` became a tab. */
export const withBackslashes = (problem: string) =>
  problem.replace(/[\t\f\r]/g, char => swallowed.get(char) as string)

function hintOf(gt: string): string {
  if (gt === 'True' || gt === 'False') return ' (True or False)'
  return gt === 'Yes' || gt === 'No' ? ' (Yes or No)' : ''
}

function normalised({ name, referenceOf, clean, repair }: Reading, row: Row, idx: number): Row {
  const reference = referenceOf ? referenceOf(row) : String(row.answer)
  const gt = clean ? clean(reference) : stripAnswer(reference)
  const problem = String(row.question ?? row.problem).trim() + hintOf(gt)
  const fixed = repair ? repair(problem) : problem
  const problem_fixed = fixed === problem ? undefined : fixed
  const solution = Array.isArray(row.solution) ? row.solution.join('\n') : (row.solution ?? '')
  const [first] = (row.final_answer as string[] | undefined) ?? []
  const answer = String(row.answer ?? first ?? reference)
  return { id: `${name}/${idx}`, idx, problem, problem_fixed, gt, answer, solution }
}

export const convert = (reading: Reading, path: string): string =>
  filledLines(readFileSync(path, 'utf8'))
    .map(({ text }, i) => `${JSON.stringify(normalised(reading, JSON.parse(text), i))}\n`)
    .join('')
