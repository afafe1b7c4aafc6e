/**
 * Makes a proposer's prompt fit the engine, with room for the answer. It leaves out references from
 * the last, and replaces a program that is too long. A pure function of the step and of the
 * lengths, so that a repeat gives the same.
 */
import type { ProposeOrder } from '../../../actors/messages.ts'
import { programsFor } from '../../../domain/curriculum.ts'
import { AzrError } from '../../../domain/errors.ts'
import { hashText } from '../../../domain/hash.ts'
import type { Kinds } from '../../../domain/kinds/index.ts'
import type { Dialect } from '../../../domain/prompts/dialect.ts'
import type { Config } from '../../config/config.ts'
import type { Planned } from './plan.ts'
import { contextOf, type Proposing } from './propose.ts'
import type { RoomPorts } from './room.ts'

export type FitPorts = RoomPorts & {
  config: Config
  kinds: Kinds
  dialect: Pick<Dialect, 'proposerPrompt'>
}

type Step = Pick<Planned, 'stock' | 'tasks'>

/** The drawn order, then its possible replacements, the best first. */
function* variantsOf({ config, kinds }: FitPorts, { stock }: Step, order: ProposeOrder) {
  for (let count = order.references.length; count >= 0; count--) {
    yield { ...order, references: order.references.slice(0, count) }
  }
  if (order.program === null) return
  for (const program of programsFor(config, kinds, stock, order.id)) yield { ...order, program }
}

/**
 * The order whose prompt leaves room for an answer. A proposal that was drafted keeps its order.
 */
export async function fitOrder(
  ports: FitPorts,
  step: Step,
  order: ProposeOrder,
  signal: AbortSignal,
): Promise<Proposing> {
  const { config, dialect, store, room } = ports
  const { maxTokens } = config.propose
  const drafted = store.cached('rollouts', order.id)
  for (const variant of variantsOf(ports, step, order)) {
    if (variant.program !== null) await step.tasks.load([variant.program])
    const context = contextOf(config, step.tasks, variant)
    const prompt = dialect.proposerPrompt(order.kind, context)
    const fits = drafted
      ? drafted.prompt_hash === hashText(prompt)
      : await room.isEnough({ id: order.id, prompt, maxTokens }, signal)
    if (fits) return { order: variant, context }
  }
  // If it was drafted from another prompt, the comparison of the prompts finds it.
  if (drafted) return { order, context: contextOf(config, step.tasks, order) }
  throw new AzrError(
    'prompt-too-long',
    `Cannot propose ${order.kind} as even the shortest prompt leaves fewer than ${maxTokens} of ` +
      `${config.engine.maxLength} tokens: raise engine.maxLength, or lower propose.maxTokens`,
  )
}
