/**
 * Runs one job of the sandbox and makes its `executions` rows: all its inputs are run and committed
 * together.
 */

import { SandboxGone } from '../../../domain/errors.ts'
import type { Execution, Limits, Sandbox } from '../../../domain/execution.ts'
import { hashOf } from '../../../domain/hash.ts'
import { executionKey, parseKey } from '../../../domain/key.ts'
import type { Run } from '../../../domain/kinds/judge.ts'
import type { ExecutionRow, Store } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'

/** Limits of an answer's execution. */
export function answerLimits({ sandbox }: Pick<Config, 'sandbox'>): Limits {
  const { timeoutMs, memoryMb, maxOutputBytes } = sandbox
  return { timeoutMs, memoryMb, maxOutputBytes, runs: 2 }
}

/** A task is asked again and again, so it has to give the same results in several runs. */
export function taskLimits(config: Pick<Config, 'sandbox'>): Limits {
  const { timeoutMs, taskShare, runs } = config.sandbox
  return { ...answerLimits(config), timeoutMs: timeoutMs * taskShare, runs }
}

export type ProgramRun = {
  rolloutId: string
  program: string
  inputs: string[]
  limits: Limits
  /** The number of inputs that ran for the same text before. Rows are numbered from it. */
  from: number
}

/** The rows of one job. */
export function executionRows(run: ProgramRun, executions: Execution[]): ExecutionRow[] {
  const { rolloutId, program, inputs, limits, from } = run
  const { step } = parseKey(rolloutId)
  const input_hash = hashOf([program, inputs, limits])
  return executions.map((execution, i) => ({
    id: executionKey(rolloutId, from + i),
    step,
    rollout_id: rolloutId,
    program,
    input: inputs[i] as string,
    outcome: execution.outcome,
    output: execution.output,
    canonical: execution.canonical,
    error: execution.error,
    literal: execution.literal,
    input_canonical: execution.inputCanonical,
    input_hash,
    cpu_ms: execution.cpuMs,
    peak_memory_bytes: execution.peakMemoryBytes,
  }))
}

export const toExecution = (row: ExecutionRow): Execution => ({
  outcome: row.outcome as Execution['outcome'],
  output: row.output,
  canonical: row.canonical,
  error: row.error,
  literal: row.literal,
  inputCanonical: row.input_canonical,
  cpuMs: row.cpu_ms,
  peakMemoryBytes: row.peak_memory_bytes,
})

/** The rows of all jobs of one text. */
export function rowsOfRuns(
  rolloutId: string,
  limits: Limits,
  runs: readonly Run[],
): ExecutionRow[] {
  let from = 0
  return runs.flatMap(({ executions, ...job }) => {
    const rows = executionRows({ rolloutId, limits, from, ...job }, executions)
    from += rows.length
    return rows
  })
}

export type ExecutePorts = {
  store: Pick<Store, 'memo' | 'cached'>
  sandbox: Pick<Sandbox, 'execute'>
}

/** Runs the job, unless its rows exist already. */
export async function executeProgram(
  { store, sandbox }: ExecutePorts,
  run: ProgramRun,
  signal: AbortSignal,
): Promise<ExecutionRow[]> {
  const { rolloutId, program, inputs, limits, from } = run
  const first = executionKey(rolloutId, from)
  await store.memo('executions', first, hashOf([program, inputs, limits]), async () => {
    const executions = await sandbox.execute({ program, inputs, limits }, signal)
    const [row, ...others] = executionRows(run, executions)
    if (!row)
      throw new SandboxGone(
        'sandbox-gone',
        `Cannot run ${rolloutId} as the sandbox gave no outcome`,
      )
    return { row, also: others.map(other => ({ table: 'executions' as const, row: other })) }
  })
  return inputs.map((_, i) => {
    const row = store.cached('executions', executionKey(rolloutId, from + i))
    if (!row) throw new Error(`Cannot find execution ${i} of ${rolloutId}, which was committed`)
    return row
  })
}
