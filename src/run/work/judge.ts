/**
 * The judge: whether an answer is right, decided here on canonical text. What is expected never
 * enters a process that runs a model's code. Not here: rewards.
 */

import { TextUnread } from '../../../domain/errors.ts'
import type { Execution, Limits, Sandbox } from '../../../domain/execution.ts'
import type { Kind } from '../../../domain/task.ts'

export type Question = {
  kind: Kind
  /** What runs on an abduction answer. */
  program: string
  /** Hidden inputs that an induction answer is run on. */
  inputs: string[]
  /** Canonical texts: one, or one for each hidden input. */
  expected: string[]
  answer: string
}

/** What the judge asks for. */
export type JudgeSandbox = Pick<Sandbox, 'inspect' | 'readLiteral' | 'readArguments' | 'execute'>

export type Judgement =
  | { type: 'malformed'; reason: string }
  | {
      type: 'judged'
      /** Answers that were right, of `count`. */
      right: number
      count: number
      isUngraded: boolean
      reason: string | null
      /** What was run for it; none for deduction. */
      run: { program: string; inputs: string[]; executions: Execution[] } | null
    }

async function runAndCompare(
  sandbox: Pick<Sandbox, 'execute'>,
  job: { program: string; inputs: string[]; limits: Limits },
  expected: string[],
  signal?: AbortSignal,
): Promise<Judgement> {
  return compareRuns(job, await sandbox.execute(job, signal), expected)
}

/** What runs say of an answer. */
export function compareRuns(
  { program, inputs }: { program: string; inputs: string[] },
  executions: Execution[],
  expected: string[],
): Judgement {
  const right = executions.filter(
    ({ outcome, canonical }, i) => outcome === 'returned' && canonical === expected[i],
  ).length
  const isUngraded = executions.some(({ outcome }) => outcome === 'ungraded')
  const failed = executions.find(({ outcome }) => outcome !== 'returned')
  const reason = failed ? [failed.outcome, failed.error].filter(Boolean).join(': ') : null
  const run = { program, inputs, executions }
  return { type: 'judged', right, count: expected.length, isUngraded, reason, run }
}

/** What the sandbox itself fails at is nobody's mistake: it has no verdict. */
export async function judge(
  sandbox: JudgeSandbox,
  question: Question,
  limits: Limits,
  signal?: AbortSignal,
): Promise<Judgement> {
  try {
    return await readAndJudge(sandbox, question, limits, signal)
  } catch (error) {
    if (!(error instanceof TextUnread)) throw error
    const { length: count } = question.expected
    const reason = `ungraded: ${error.message}`
    return { type: 'judged', right: 0, count, isUngraded: true, reason, run: null }
  }
}

async function readAndJudge(
  sandbox: JudgeSandbox,
  { kind, program, inputs, expected, answer }: Question,
  limits: Limits,
  signal?: AbortSignal,
): Promise<Judgement> {
  switch (kind) {
    case 'deduction': {
      const literal = await sandbox.readLiteral(answer, signal)
      if (!literal.ok) return { type: 'malformed', reason: literal.error }
      const right = literal.canonical === expected[0] ? 1 : 0
      return { type: 'judged', right, count: 1, isUngraded: false, reason: null, run: null }
    }
    case 'abduction': {
      const read = await sandbox.readArguments(answer, signal)
      if (!read.ok) return { type: 'malformed', reason: read.error }
      return runAndCompare(sandbox, { program, inputs: [answer], limits }, expected, signal)
    }
    case 'induction': {
      const seen = await sandbox.inspect(answer, signal)
      if (!seen.ok) return { type: 'malformed', reason: seen.error }
      return runAndCompare(sandbox, { program: answer, inputs, limits }, expected, signal)
    }
  }
}
