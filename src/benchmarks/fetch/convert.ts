/** From a set as its home has it to the normalised form: docs/benchmark-data.md has the fields. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { python } from '../../config/paths.ts'
import { boxed } from '../extract.ts'
import { stripAnswer } from '../math/strip.ts'
import { type SuiteName, suiteSpecs } from '../specs.ts'

type Row = Record<string, unknown>

/** The reference as the paper takes it from each set, before it is cleaned. */
function referenceOf(name: SuiteName, row: Row): string {
  if (name === 'math500' || name === 'minerva_math') return boxed(String(row.solution)) ?? ''
  if (name === 'olympiadbench') {
    return String((row.final_answer as string[])[0])
      .replaceAll('$', '')
      .trim()
  }
  return String(row.answer)
}

/**
 * As the paper's pipeline does: what comes from a solution is cleaned where it is found, and again
 * with all others; Minerva's units are part of its answers.
 */
function cleaned(name: SuiteName, reference: string): string {
  if (name === 'minerva_math') return stripAnswer(reference, true)
  if (name === 'math500') return stripAnswer(stripAnswer(reference))
  return stripAnswer(reference)
}

function hintOf(gt: string): string {
  if (gt === 'True' || gt === 'False') return ' (True or False)'
  return gt === 'Yes' || gt === 'No' ? ' (Yes or No)' : ''
}

const swallowed = new Map([
  ['\t', '\\t'],
  ['\f', '\\f'],
  ['\r', '\\r'],
])

/** The paper's copy of AIME 2025 took `\t` of `\triangle` for a tab: the problem as it was meant. */
function repaired(name: SuiteName, problem: string): { problem_fixed?: string } {
  if (name !== 'aime25') return {}
  const fixed = problem.replace(/[\t\f\r]/g, char => swallowed.get(char) as string)
  return fixed === problem ? {} : { problem_fixed: fixed }
}

function mathRow(name: SuiteName, row: Row, idx: number): Row {
  const reference = referenceOf(name, row)
  const gt = cleaned(name, reference)
  const problem = String(row.question ?? row.problem).trim() + hintOf(gt)
  const solution = Array.isArray(row.solution) ? row.solution.join('\n') : (row.solution ?? '')
  const [first] = (row.final_answer as string[] | undefined) ?? []
  const answer = String(row.answer ?? first ?? reference)
  return { id: `${name}/${idx}`, idx, problem, ...repaired(name, problem), gt, answer, solution }
}

/** Lines of the normalised file. */
export function convert(name: SuiteName, text: string): string {
  const rows = text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => JSON.parse(line) as Row)
  const isMath = !name.startsWith('cruxeval')
  const found = isMath
    ? rows.map((row, i) => mathRow(name, row, i))
    : rows.map(({ id, code, input, output }) => ({ id, code, input, output }))
  return found.map(row => `${JSON.stringify(row)}\n`).join('')
}

/** Inputs of these have types that JSON has not: a script of Python writes them as literals. */
const evalplus = (path: string) =>
  execFileSync(python, ['-S', join(import.meta.dirname, '..', 'evalplus', 'convert.py'), path], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })

/** A published file as lines of the normalised one. */
export const convertFile = (name: SuiteName, path: string): string =>
  suiteSpecs[name].family === 'evalplus'
    ? evalplus(path)
    : convert(name, readFileSync(path, 'utf8'))
