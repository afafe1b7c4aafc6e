/**
 * Answers for the sandbox in a replay, from recorded rows. Results of programs are judged again.
 * Facts that the front read in a text (about a program or a literal) were stored only as a verdict,
 * which is reused. It runs nothing.
 */

import { AzrError } from '../../../domain/errors.ts'
import type { Execution, Sandbox } from '../../../domain/execution.ts'
import { executionKey, parseKey } from '../../../domain/key.ts'
import { type Judged, judge, type Run } from '../../../domain/kinds/judge.ts'
import type { Tools } from '../../../domain/kinds/kind.ts'
import { argumentsAsValues } from '../../../domain/kinds/steps.ts'
import type { ProgramFacts } from '../../../domain/task.ts'
import type { Reader } from '../../../state/reader.ts'
import type { ReplayStore } from '../../../state/replay.ts'
import type { ExecutionRow, TaskRow } from '../../../state/types.ts'
import type { Framing } from './evaluate.ts'
import { toExecution } from './execute.ts'
import type { Seed } from './seeding.ts'
import type { Verdicts } from './verdicts.ts'

const never = (what: string) => () =>
  Promise.reject(new AzrError('replay-limits', `A replay does not ${what}`))

/** Facts that no rule refuses. That the program ran shows that no rule refused it. */
const harmless: Omit<ProgramFacts, 'normalized'> = {
  imports: [],
  uses: [],
  functions: ['f'],
  classes: [],
  unread: [],
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
      const runOf = ({ id }: TaskRow) => store.recorded('executions').get(executionKey(id, 0))
      // A seed's comments may have been removed since it ran.
      const mine = [...rows].filter(row => (runOf(row)?.program ?? row.program) === program)
      const ran = mine.filter(row => runOf(row) !== undefined)
      // A proposal that was refused for one input may be a task with another.
      const normalized = ran.find(row => row.normalized !== null)?.normalized ?? ''
      if (ran.length > 0) return { ok: true, facts: { ...harmless, normalized } }
      const error = mine.at(-1)?.reason ?? 'no such program was recorded in this step'
      return { ok: false, error }
    },
    functionsOf: never('read files'),
    // Expected outputs of a suite are not compared, because its verdicts are recorded.
    readLiteral: async text => ({ ok: true, canonical: text, display: text }),
    readArguments: async text => ({ ok: true, canonical: text, display: text }),
    // Only asked for runs that were not recorded, to name them. The results are ignored.
    execute: async ({ inputs }) => inputs.map(() => ({ ...unrun })),
    runScript: never('run scripts'),
    layers: () => [],
    metrics: never('measure') as never,
    pids: () => [],
    stop: async () => {},
  }
}

/**
 * The questions with their frames, from the recorded prompts. A question that has changed stays
 * bare.
 */
export function createRecordedFraming(reader: Pick<Reader, 'promptText'>): Framing {
  return async ({ id, question }) => {
    const prompt = reader.promptText(id)
    // Templates trim the text that they frame.
    return prompt?.includes(question.trim()) ? prompt : question
  }
}

/** The seeds from the run's file. */
export const recordedSeeds = (store: Recorded): Seed[] =>
  [...store.recorded('tasks').values()]
    .filter(({ id }) => parseKey(id).purpose === 'seed' && Number(parseKey(id).sample) === 1)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ kind, program, pairs, message }) => ({
      kind,
      program: program ?? '',
      inputs: pairs.map(({ input }) => input),
      message,
    }))

/** The executions of an answer, in the order of their inputs. */
function runsOf(store: Recorded, id: string): ExecutionRow[] {
  const rows: ExecutionRow[] = []
  for (;;) {
    const row = store.recorded('executions').get(executionKey(id, rows.length))
    if (!row) return rows
    rows.push(row)
  }
}

/** Consecutive rows are one job if they were run as one. */
function jobsOf(rows: readonly ExecutionRow[]): Run[] {
  return [...Map.groupBy(rows, row => row.input_hash).values()].map(job => ({
    program: job[0]?.program ?? '',
    inputs: job.map(({ input }) => input),
    executions: job.map(toExecution),
  }))
}

class Unrecorded extends AzrError {}

/** Replays the executions of an answer in order. If it ran, it could be read. */
function recordedTools(rows: readonly ExecutionRow[]): Tools {
  let at = 0
  const isExpression = rows[0]?.program === argumentsAsValues
  return {
    inspect: async () => ({ ok: true, facts: { ...harmless, normalized: '' } }),
    readArguments: async text =>
      isExpression
        ? { ok: false, error: 'not literals' }
        : { ok: true, canonical: text, display: text },
    readLiteral: async () => {
      throw new Unrecorded('replay-limits', 'The value of a literal is not recorded')
    },
    async execute(_, { length }) {
      at += length
      return rows.slice(at - length, at).map(toExecution)
    },
  }
}

/**
 * The judge of a replay. It compares an answer's executions with its task again. If its kind reads
 * a literal, the recorded verdict stands.
 */
export function createRecordedVerdicts(store: Recorded): Verdicts {
  return async ({ id }, kind, question): Promise<Judged> => {
    const grade = store.recorded('grades').get(id)
    const item = store.recorded('evaluation_items').get(id)
    const verdict = grade?.verdict ?? item?.verdict
    const reason = grade?.reason ?? item?.detail ?? null
    if (verdict === 'malformed') return { type: 'malformed', reason: reason ?? 'malformed' }
    const rows = runsOf(store, id)
    try {
      if (grade && rows.length > 0) return await judge(kind, question, recordedTools(rows))
    } catch (error) {
      if (!(error instanceof Unrecorded)) throw error
    }
    const count = question.expected.length
    const isUngraded = verdict === 'ungraded'
    const right = verdict === 'correct' ? count : 0
    return { type: 'judged', right, count, isUngraded, reason, runs: jobsOf(rows) }
  }
}
