/** An answer to a task that no run asked for: in the micro dialect, judged as in self-play. */
import type { Limits } from '../../../domain/execution.ts'
import { hiddenPairs } from '../../../domain/prompts/dialect.ts'
import { micro } from '../../../domain/prompts/micro.ts'
import type { Task } from '../../../domain/task.ts'
import { judge } from '../../run/work/judge.ts'
import { type Grade, malformed } from '../grade.ts'
import type { OwnTools } from '../own.ts'

const limits: Limits = { timeoutMs: 1000, memoryMb: 512, maxOutputBytes: 65536, runs: 1 }

export async function gradeTask(
  task: Task,
  completion: string,
  { sandbox, signal }: OwnTools,
): Promise<Grade> {
  const { kind, program } = task
  const read = micro.parseAnswer(kind, completion)
  // An answer may also come without its marker.
  const answer = read.ok ? read.value : completion.includes('<A>') ? null : completion.trim()
  if (!answer) return malformed(read.ok ? 'no answer' : read.reason)
  const pairs = kind === 'induction' ? hiddenPairs(task) : task.pairs
  const literals = await Promise.all(pairs.map(({ output }) => sandbox.readLiteral(output, signal)))
  const expected = literals.map(literal => (literal.ok ? literal.canonical : ''))
  const inputs = pairs.map(({ input }) => input)
  const found = await judge(sandbox, { kind, program, inputs, expected, answer }, limits, signal)
  if (found.type === 'malformed') return malformed(found.reason, answer)
  if (found.isUngraded) throw new Error(found.reason ?? 'ungraded')
  const isRight = found.right === found.count
  const detail = isRight ? null : (found.reason ?? `${found.right} of ${found.count} right`)
  return { verdict: isRight ? 'correct' : 'wrong', extracted: answer, detail }
}
