/**
 * Grades mathematics: math-verify decides equality in the sandbox, in one process per question. The
 * paper's verdict is recorded too, because its cleaning loses some right answers.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Tools } from '../benchmark.ts'
import { type Grade, type GradeVerdict, malformed } from '../grade.ts'
import { isBalanced, mathAnswer } from './answer.ts'
import { unboxed } from './boxes.ts'
import { isSameForm, isSameText } from './forms.ts'
import { isOtherUnit, measure } from './measure.ts'
import { paperAnswer } from './paper.ts'
import { isScientific, valuesOf, written } from './written.ts'

export type MathItem = {
  id: string
  problem: string
  /** The reference as the paper's pipeline cleans it, and as the source has it. */
  gt: string
  answer: string
}

const program = readFileSync(join(import.meta.dirname, 'math.py'), 'utf8')
// The paper gives math-verify 3 s for reading and 3 s for comparing.
const limits = { timeoutMs: 6000, memoryMb: 2048, maxOutputBytes: 1024, runs: 1 } as const

export function readMathItem(line: string): MathItem {
  const { id, problem, problem_fixed, gt, answer } = JSON.parse(line)
  return { id, problem: problem_fixed ?? problem, gt: String(gt), answer: String(answer) }
}

type Comparison = { references: string[]; answers: string[]; isPapers?: boolean }

/** An answer that cannot be compared in time is wrong, as in the paper. */
async function isEqual(compared: Comparison, { sandbox, signal }: Tools) {
  const { references, answers, isPapers = false } = compared
  const texts = [references, answers].map(texts => JSON.stringify([...new Set(texts)]))
  const inputs = [`${texts.join(', ')}, ${isPapers ? 'True' : 'False'}`]
  const [found] = await sandbox.execute({ program, inputs, limits }, signal)
  if (!found || found.outcome === 'ungraded') throw new Error(found?.error ?? 'no outcome')
  return { isRight: found.output === 'True', outcome: found.outcome, error: found.error }
}

/** `keepsUnits` says whether letters that are usually units may be a product in an answer. */
type Answered = { item: MathItem; completion: string; keepsUnits: boolean }

/** `3.89e-10` is a number here, though the paper's own code reads 3.89·e - 10. */
async function paperVerdict(answered: Answered, tools: Tools): Promise<GradeVerdict> {
  const { item, completion, keepsUnits } = answered
  const answer = paperAnswer(completion, keepsUnits)
  const compared = isScientific(item.gt)
    ? {
        references: [written(item.gt)],
        answers: [measure(written(unboxed(answer)), keepsUnits).value],
      }
    : { references: [item.gt], answers: [answer], isPapers: true }
  const { isRight } = await isEqual(compared, tools)
  return isRight ? 'correct' : 'wrong'
}

/** A sentence that asks for a percentage. One that only mentions a percentage does not. */
const asksPercent =
  /\b(?:what|which|how|as|find|express|compute|determine|give|calculate)\b[^.?!\d]*(?:\bpercent|%)|\bin (?:percent|%)/i

const separators = /,(?=\d)|\s+(?:and|or)\s+|\s*\\text\{\s*(?:and|or)\s*\}\s*/g

/** How both may be read, without units; null if their units differ. */
function readings(item: MathItem, extracted: string, isPhysics: boolean): Comparison | null {
  const reference = written(item.answer)
  const isList = valuesOf(reference).length > 1
  // In a list, `100,200` and `2 and 1/2` are two values. Elsewhere they are one number.
  const answer = written(isList ? extracted.replace(separators, ', ') : extracted)
  const [theirs, ours] = [measure(reference), measure(answer, isPhysics)]
  const isPercent = ours.unit === '%' && theirs.unit !== '%'
  if (!isPercent && isOtherUnit(theirs.unit, ours.unit)) return null
  const references = [theirs.value]
  const answers = [ours.value]
  if (ours.unit === '%' && (theirs.unit === '%' || !asksPercent.test(item.problem))) answers.pop()
  if (ours.unit === '%') answers.push(`${ours.value}\\%`)
  if (theirs.unit === '%') references.push(`${theirs.value}\\%`)
  if (isPhysics) answers.push(answer)
  return { references, answers }
}

async function ourGrade({ item, completion, keepsUnits }: Answered, tools: Tools): Promise<Grade> {
  const extracted = mathAnswer(completion, valuesOf(written(item.answer)).length)
  if (extracted === null) return malformed('no answer')
  const graded = (isRight: boolean, detail = `not ${item.answer}`): Grade =>
    isRight
      ? { verdict: 'correct', extracted, detail: null }
      : { verdict: 'wrong', extracted, detail }
  if ([item.answer, item.gt].some(one => isSameText(one, extracted))) return graded(true)
  if (!isBalanced(extracted)) return malformed('braces that do not match', extracted)
  const isSame = isSameForm(item.answer, extracted)
  if (isSame !== null) return graded(isSame)
  const compared = readings(item, extracted, keepsUnits)
  if (compared === null) return graded(false)
  const { isRight, outcome, error } = await isEqual(compared, tools)
  const why = [outcome, error].filter(Boolean).join(': ')
  return graded(isRight, outcome === 'returned' ? undefined : why)
}

export async function gradeProblem(answered: Answered, tools: Tools): Promise<Grade> {
  const [ours, papers] = await Promise.all([
    ourGrade(answered, tools),
    paperVerdict(answered, tools).catch((): GradeVerdict => 'ungraded'),
  ])
  return { ...ours, paperVerdict: papers }
}
