/** Grades an answer to a task that no run asked for: in the micro dialect, as in self-play. */
import type { Limits } from '../../../domain/execution.ts'
import { builtInKinds } from '../../../domain/kinds/index.ts'
import { judge, toolsOf } from '../../../domain/kinds/judge.ts'
import { judgingPairs } from '../../../domain/kinds/steps.ts'
import { microDialect } from '../../../domain/prompts/index.ts'
import type { Task } from '../../../domain/task.ts'
import { type Grade, malformed } from '../grade.ts'
import type { OwnTools } from '../own.ts'

const limits: Limits = { timeoutMs: 1000, memoryMb: 512, maxOutputBytes: 65536, runs: 1 }

export async function gradeTask(
  task: Task,
  completion: string,
  { sandbox, signal }: OwnTools,
): Promise<Grade> {
  const { program } = task
  const kind = builtInKinds.of(task.kind)
  const read = microDialect.parseAnswer(kind.name, completion)
  // The answer's marker is optional.
  const answer = read.ok ? read.value : completion.includes('<A>') ? null : completion.trim()
  if (!answer) return malformed(read.ok ? 'no answer' : read.reason)
  const pairs = judgingPairs(task, kind.shownShare)
  const literals = await Promise.all(pairs.map(({ output }) => sandbox.readLiteral(output, signal)))
  const expected = literals.map(literal => (literal.ok ? literal.canonical : ''))
  const inputs = pairs.map(({ input }) => input)
  const tools = toolsOf(sandbox, limits, signal)
  const found = await judge(kind, { program, inputs, expected, answer }, tools)
  if (found.type === 'malformed') return malformed(found.reason, answer)
  if (found.isUngraded) throw new Error(found.reason ?? 'ungraded')
  const isRight = found.right === found.count
  const detail = isRight ? null : (found.reason ?? `${found.right} of ${found.count} right`)
  return { verdict: isRight ? 'correct' : 'wrong', extracted: answer, detail }
}
