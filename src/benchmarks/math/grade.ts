/**
 * Mathematics: math-verify says what is equal, in the sandbox, in a process for each question. The
 * paper's own verdict stands beside ours, as its cleaning of answers loses some that are right.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Tools } from '../benchmark.ts'
import { type Grade, type GradeVerdict, malformed } from '../grade.ts'
import { isBalanced, isSameText, mathAnswer, withoutUnit } from './answer.ts'
import { paperAnswer } from './paper.ts'

export type MathItem = {
  id: string
  problem: string
  /** The reference as the paper's pipeline leaves it, and as the source has it. */
  gt: string
  answer: string
}

const program = readFileSync(join(import.meta.dirname, 'math.py'), 'utf8')
// The paper gives math-verify 3 s for reading and as much for comparing.
const limits = { timeoutMs: 6000, memoryMb: 2048, maxOutputBytes: 1024, runs: 1 } as const

export function readMathItem(line: string): MathItem {
  const { id, problem, problem_fixed, gt, answer } = JSON.parse(line)
  return { id, problem: problem_fixed ?? problem, gt: String(gt), answer: String(answer) }
}

/** An answer that cannot be compared in time is wrong, as in the paper. */
async function isEqual(references: string[], answers: string[], { sandbox, signal }: Tools) {
  const inputs = [`${JSON.stringify(references)}, ${JSON.stringify(answers)}`]
  const [found] = await sandbox.execute({ program, inputs, limits }, signal)
  if (!found || found.outcome === 'ungraded') throw new Error(found?.error ?? 'no outcome')
  return { isRight: found.output === 'True', outcome: found.outcome, error: found.error }
}

/** `keepsUnits`: whether a unit is part of an answer. */
type Answered = { item: MathItem; completion: string; keepsUnits: boolean }

async function paperVerdict(
  { item, completion, keepsUnits }: Answered,
  tools: Tools,
): Promise<GradeVerdict> {
  const answer = paperAnswer(completion, keepsUnits)
  const { isRight } = await isEqual([item.gt], [answer], tools)
  return isRight ? 'correct' : 'wrong'
}

async function ourGrade({ item, completion, keepsUnits }: Answered, tools: Tools): Promise<Grade> {
  const extracted = mathAnswer(completion)
  if (extracted === null) return malformed('no answer')
  const references = [...new Set([item.answer, item.gt])].filter(text => text !== '')
  if (references.some(reference => isSameText(reference, extracted))) {
    return { verdict: 'correct', extracted, detail: null }
  }
  if (!isBalanced(extracted)) return malformed('braces that do not match', extracted)
  const bare = keepsUnits ? null : withoutUnit(extracted)
  const answers = bare === null ? [extracted] : [extracted, bare]
  const { isRight, outcome, error } = await isEqual(references, answers, tools)
  if (isRight) return { verdict: 'correct', extracted, detail: null }
  const why = [outcome, error].filter(Boolean).join(': ')
  const detail = outcome === 'returned' ? `not ${item.answer}` : why
  return { verdict: 'wrong', extracted, detail }
}

export async function gradeProblem(answered: Answered, tools: Tools): Promise<Grade> {
  const [ours, papers] = await Promise.all([
    ourGrade(answered, tools),
    paperVerdict(answered, tools).catch((): GradeVerdict => 'ungraded'),
  ])
  return { ...ours, paperVerdict: papers }
}
