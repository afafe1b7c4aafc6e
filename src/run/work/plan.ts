/** Finds where a run continues, and plans the proposals of a step or of a seeding round. */
import type { ProposeOrder } from '../../../actors/messages.ts'
import type { Located } from '../../../actors/run-context.ts'
import { planProposals } from '../../../domain/curriculum.ts'
import type { Kinds } from '../../../domain/kinds/index.ts'
import type { Kind } from '../../../domain/task.ts'
import type { Reading } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'
import type { Stock } from './stock.ts'
import type { Tasks } from './tasks.ts'

export type Planned = {
  step: number
  stock: Stock
  tasks: Tasks
  proposals: ProposeOrder[]
}

/** A new run starts at step 0, a resumed one at its first unfinished step. */
export async function locateRun(
  config: Pick<Config, 'steps'>,
  { read }: Reading<'lastStep'>,
): Promise<Located> {
  const last = await read.lastStep()
  if (last === null) return { step: 0, round: 0, version: 0, done: false }
  return { step: last + 1, round: 0, version: last, done: last >= config.steps }
}

type Planning = { step: number; round: number; wanted: readonly Kind[]; stock: Stock; tasks: Tasks }

/** Proposals of the wanted kinds. The tasks in their prompts are in memory from then on. */
export async function planStep(
  { config, kinds }: { config: Config; kinds: Kinds },
  { step, round, wanted, stock, tasks }: Planning,
): Promise<Planned> {
  const { batch } = step === 0 ? config.seeding : config.propose
  const at = { step, round, batch }
  const plans = planProposals(config, kinds, at, wanted, stock)
  await tasks.load(plans.flatMap(({ references, program }) => (program ? [program] : references)))
  return { step, stock, tasks, proposals: plans.map(plan => ({ ...plan, attempt: 0 })) }
}
