/**
 * Problems from their published rows to the normalised ones, as the paper's pipeline takes
 * its references and cleans them; docs/reference/benchmarks.md has the fields.
 */
import { readFileSync } from 'node:fs'
import { filledLines } from '../../../lib/lines.ts'
import { boxed } from '../extract.ts'
import { stripAnswer } from './strip.ts'

export type Row = Record<string, unknown>

/** What differs between the benchmarks in this. */
export type Reading = {
  name: string
  /** The reference as the paper takes it from a row; its `answer` unless given. */
  referenceOf?: (row: Row) => string
  /** How that is cleaned; once, as all of them are, unless given. */
  clean?: (reference: string) => string
  /** The problem as it was meant; none: as it is. */
  repair?: (problem: string) => string
}

export const fromSolution = ({ solution }: Row) => boxed(String(solution)) ?? ''

export const fromFinalAnswer = ({ final_answer }: Row) =>
  String((final_answer as string[])[0])
    .replaceAll('$', '')
    .trim()

/** What comes from a solution is cleaned where it is found, and again with all others. */
export const cleanTwice = (reference: string) => stripAnswer(stripAnswer(reference))

const swallowed = new Map([
  ['\t', '\\t'],
  ['\f', '\\f'],
  ['\r', '\\r'],
])

/** A copy that took `\t` of `\triangle` for a tab. */
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
