/**
 * The judge: asks a kind whether an answer is right, and records the programs that ran. The
 * expected answer never enters a process that runs model code. It does not compute rewards.
 */
import { TextUnread } from '../errors.ts'
import type { Execution, Limits, Sandbox } from '../execution.ts'
import type { Judgement, Question, TaskKind, Tools } from './kind.ts'

/** One job of the sandbox. */
export type Run = { program: string; inputs: string[]; executions: Execution[] }

export type Judged =
  | { type: 'malformed'; reason: string }
  | (Extract<Judgement, { type: 'judged' }> & {
      /** The sandbox itself failed, so there is no verdict. */
      isUngraded: boolean
      runs: Run[]
    })

/** The functions of a sandbox that kinds may use. */
export type JudgeSandbox = Pick<Sandbox, keyof Tools>

export function toolsOf(sandbox: JudgeSandbox, limits: Limits, signal?: AbortSignal): Tools {
  return {
    inspect: program => sandbox.inspect(program, signal),
    execute: (program, inputs) => sandbox.execute({ program, inputs, limits }, signal),
    readLiteral: text => sandbox.readLiteral(text, signal),
    readArguments: text => sandbox.readArguments(text, signal),
  }
}

const isUngraded = ({ executions }: Run) => executions.some(({ outcome }) => outcome === 'ungraded')

export async function judge(
  kind: Pick<TaskKind, 'judge'>,
  question: Question,
  tools: Tools,
): Promise<Judged> {
  const runs: Run[] = []
  async function execute(program: string, inputs: string[]) {
    const executions = await tools.execute(program, inputs)
    runs.push({ program, inputs, executions })
    return executions
  }
  try {
    const found = await kind.judge(question, { ...tools, execute })
    if (found.type === 'malformed') return found
    return { ...found, isUngraded: runs.some(isUngraded), runs }
  } catch (error) {
    if (!(error instanceof TextUnread)) throw error
    const reason = `ungraded: ${error.message}`
    const { length: count } = question.expected
    return { type: 'judged', right: 0, count, reason, isUngraded: true, runs: [] }
  }
}
