/** From a set as its home has it to the normalised form: docs/benchmark-data.md has the fields. */
import { boxed } from '../domain/grading/extract.ts'
import { stripAnswer } from '../domain/grading/strip.ts'
import type { SuiteName } from '../grading/suites.ts'

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

/** Minerva's units are part of its answers; AIME's are numbers, which some write with zeros first. */
function cleaned(name: SuiteName, reference: string): string {
  const text = stripAnswer(reference, name === 'minerva_math')
  return name.startsWith('aime') ? text.replace(/^0+(?=\d)/, '') : text
}

function hintOf(gt: string): string {
  if (gt === 'True' || gt === 'False') return ' (True or False)'
  return gt === 'Yes' || gt === 'No' ? ' (Yes or No)' : ''
}

function mathRow(name: SuiteName, row: Row, idx: number): Row {
  const reference = referenceOf(name, row)
  const gt = cleaned(name, reference)
  const problem = String(row.question ?? row.problem).trim()
  const solution = Array.isArray(row.solution) ? row.solution.join('\n') : (row.solution ?? '')
  const [first] = (row.final_answer as string[] | undefined) ?? []
  const answer = String(row.answer ?? first ?? reference)
  return { id: `${name}/${idx}`, idx, problem: problem + hintOf(gt), gt, answer, solution }
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
