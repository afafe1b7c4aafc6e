/**
 * What the sandbox said when a run was made, read from its rows, for a replay. What programs did is
 * judged anew; what the front read in a text (facts of a program, a literal) was kept only as the
 * verdict that came of it, and is taken from there. Not here: running anything.
 */

import { AzrError } from '../../../domain/errors.ts'
import type { Execution, Sandbox } from '../../../domain/execution.ts'
import { executionKey } from '../../../domain/key.ts'
import type { ProgramFacts } from '../../../domain/task.ts'
import type { ReplayStore } from '../../../state/replay.ts'
import type { ExecutionRow } from '../../../state/types.ts'
import { compareRuns, type Judgement, type Question } from './judge.ts'
import type { Verdicts } from './verdicts.ts'

const never = (what: string) => () => Promise.reject(new AzrError(`A replay does not ${what}`))

/** Facts of a program that no rule refuses: which it was is recorded by its having run. */
const harmless: Omit<ProgramFacts, 'normalized'> = {
  imports: [],
  names: [],
  functions: ['f'],
  classes: [],
}

const unrun: Execution = {
  outcome: 'rejected',
  output: null,
  canonical: null,
  error: null,
  literal: false,
  inputCanonical: null,
  cpuMs: 0,
  peakMemoryBytes: 0,
}

type Recorded = Pick<ReplayStore, 'recorded'>

export function createRecordedSandbox(store: Recorded): Sandbox {
  return {
    async inspect(program) {
      const rows = store.recorded('tasks').values()
      const mine = [...rows].filter(row => row.program === program)
      const ran = mine.filter(({ id }) => store.recorded('executions').has(executionKey(id, 0)))
      // What was refused for what it did with one input may be a task with another.
      const normalized = ran.find(row => row.normalized !== null)?.normalized ?? ''
      if (ran.length > 0) return { ok: true, facts: { ...harmless, normalized } }
      const error = mine.at(-1)?.reason ?? 'no such program was recorded in this step'
      return { ok: false, error }
    },
    // Expected outputs of a suite: nothing is held against them, as its verdicts are recorded.
    readLiteral: async text => ({ ok: true, canonical: text, display: text }),
    readArguments: async text => ({ ok: true, canonical: text, display: text }),
    // Asked only for runs that were not recorded, to say which: nobody heeds what comes of them.
    execute: async ({ inputs }) => inputs.map(() => ({ ...unrun })),
    runScript: never('run scripts'),
    layers: () => [],
    metrics: never('measure') as never,
    pids: () => [],
    stop: async () => {},
  }
}

function toExecution(row: ExecutionRow): Execution {
  return {
    outcome: row.outcome as Execution['outcome'],
    output: row.output,
    canonical: row.canonical,
    error: row.error,
    literal: row.literal,
    inputCanonical: row.input_canonical,
    cpuMs: row.cpu_ms,
    peakMemoryBytes: row.peak_memory_bytes,
  }
}

/** The runs of an answer, in the order of their inputs. */
function runsOf(store: Recorded, id: string): ExecutionRow[] {
  const rows: ExecutionRow[] = []
  for (;;) {
    const row = store.recorded('executions').get(executionKey(id, rows.length))
    if (!row) return rows
    rows.push(row)
  }
}

function judgedRuns(store: Recorded, id: string, { expected }: Question): Judgement | null {
  const rows = runsOf(store, id)
  const [first] = rows
  if (!first) return null
  const job = { program: first.program, inputs: rows.map(({ input }) => input) }
  return compareRuns(job, rows.map(toExecution), expected)
}

/** The judge of a replay: an answer that ran is held against its task again. */
export function createRecordedVerdicts(store: Recorded): Verdicts {
  return async ({ id }, question) => {
    const grade = store.recorded('grades').get(id)
    const item = store.recorded('evaluation_items').get(id)
    const verdict = grade?.verdict ?? item?.verdict
    const reason = grade?.reason ?? item?.detail ?? null
    if (verdict === 'malformed') return { type: 'malformed', reason: reason ?? 'malformed' }
    const judged = judgedRuns(store, id, question)
    if (judged && grade) return judged
    const count = question.expected.length
    const isUngraded = verdict === 'ungraded'
    const run = judged?.type === 'judged' ? judged.run : null
    const right = verdict === 'correct' ? count : 0
    return { type: 'judged', right, count, isUngraded, reason, run }
  }
}
