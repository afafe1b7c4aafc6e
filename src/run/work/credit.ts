/**
 * Finds which statements in the working of answers are true (`advantage.working`). It runs the
 * task's program once more to record the value of each line, and compares the answers with these.
 */
import type { Rewarded } from '../../../domain/advantage/rewarded.ts'
import {
  judgeWorking,
  type Statement,
  tracingProgram,
  trueStatements,
} from '../../../domain/credit.ts'
import type { Dialect } from '../../../domain/prompts/dialect.ts'
import type { Config } from '../../config/config.ts'
import { answerLimits, type ExecutePorts, executeProgram } from './execute.ts'
import type { Tasks } from './tasks.ts'
import { ints } from './training-batch.ts'

export type CreditPorts = ExecutePorts & {
  config: Pick<Config, 'advantage' | 'sandbox'>
  dialect: Pick<Dialect, 'marks' | 'hasScratch'>
}

/** Executions are numbered per answer. Those of the answer itself have lower numbers. */
const tracing = 90

/** The true statements of a task's program; null if it cannot be traced. */
async function truthOf(
  ports: CreditPorts,
  rolloutId: string,
  task: ReturnType<Tasks['of']>,
): Promise<string[] | null> {
  const program = tracingProgram(task.program)
  const input = task.pairs[0]?.input
  if (program === null || input === undefined) return null
  const limits = answerLimits(ports.config)
  const run = { rolloutId, program, inputs: [input], limits, from: tracing }
  const [row] = await executeProgram(ports, run, new AbortController().signal)
  return row?.outcome === 'returned' && row.output !== null ? trueStatements(row.output) : null
}

/** Adds the statements of its working to each item, if they are rewarded separately. */
export async function credited(
  ports: CreditPorts,
  items: readonly Rewarded[],
  tasks: Pick<Tasks, 'of'>,
): Promise<readonly Rewarded[]> {
  const { config, dialect, store } = ports
  const { marks } = dialect
  if (config.advantage.working === 'answer' || !marks) return items
  const found = new Map<string, Statement[]>()
  const worked = items.flatMap(({ id, role, task }) => {
    const rollout = role === 'solver' ? store.cached('rollouts', id) : undefined
    return rollout && task && dialect.hasScratch(rollout.text) ? [{ id, task, rollout }] : []
  })
  const groups = [...Map.groupBy(worked, ({ task }) => task)]
  await Promise.all(
    groups.map(async ([hash, answers]) => {
      const truth = await truthOf(ports, answers[0]?.id as string, tasks.of(hash))
      if (truth === null) return
      for (const { id, rollout } of answers) {
        const written = { text: rollout.text, ids: ints(rollout.ids), marks }
        found.set(id, judgeWorking(written, truth))
      }
    }),
  )
  return items.map(item => {
    const working = found.get(item.id)
    return working ? { ...item, working } : item
  })
}
