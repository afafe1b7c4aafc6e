/**
 * Decides which policies are scored on held-out suites in a step, and on which items. The schedule
 * is in domain/schedule.ts.
 */
import type { ItemOrder } from '../../../actors/messages.ts'
import type { Evaluation, Place } from '../../../actors/run-context.ts'
import { formatKey } from '../../../domain/key.ts'
import { baseSuitesDue, type SuitesPart, suitesDue } from '../../../domain/schedule.ts'
import type { Row } from '../../../state/types.ts'
import type { Suite } from '../../benchmarks/suites.ts'
import type { Config } from '../../config/config.ts'
import type { Clock } from './clock.ts'

type DuePorts = { config: Config; suites: ReadonlyMap<string, Suite> }

/**
 * One order for each item, kind and mode that is due. Items that two parts ask for are answered
 * once. Kinds that are not in play are scored too, because their gain or loss is part of the
 * result.
 */
function ordersOf(
  { config, suites }: DuePorts,
  parts: SuitesPart[],
  { step, version }: { step: number; version: number },
): ItemOrder[] {
  const orders = parts.flatMap(({ suites: names, items: most, modes }) =>
    names.flatMap(suite =>
      [...(suites.get(suite)?.byKind ?? [])].flatMap(([kind, items]) =>
        items.slice(0, most ?? undefined).flatMap((_, item) =>
          modes.map((mode): ItemOrder => {
            const group = `${suite}:${kind}:${mode}`
            const of = { step: version, purpose: 'evaluate' } as const
            const id = formatKey({ ...of, kind: group, index: item, sample: 0 })
            const samples = mode === 'sampled' ? config.evaluate.samples : 1
            return { id, attempt: 0, step, kind, suite, item, mode, samples }
          }),
        ),
      ),
    ),
  )
  return [...new Map(orders.map(order => [order.id, order])).values()]
}

/** A policy that is scored in a step, and its orders. */
export type Due = { version: number; orders: ItemOrder[] }

/**
 * The policies to score in a step: its own, then at the end of the run the base, on what it has not
 * answered yet. `stored` has the existing scores.
 */
export function evaluationsDue(
  ports: DuePorts,
  step: number,
  stored: readonly Row<'evaluations'>[],
): Due[] {
  const { config } = ports
  const earlier = stored.filter(row => row.step === 0 && row.made_in < step)
  const known = new Set(earlier.map(({ suite }) => suite))
  return [
    { version: step, parts: suitesDue(config, step) },
    { version: 0, parts: baseSuitesDue(config, step, known) },
  ].flatMap(({ version, parts }) => {
    const orders = ordersOf(ports, parts, { step, version })
    return orders.length > 0 ? [{ version, orders }] : []
  })
}

type Under = { due: Due[] | null; clock: Clock }

/** The next policy to score in the current step. */
export async function nextEvaluation(
  ports: { evaluationsDue: (step: number) => Promise<Due[]> },
  under: Under,
  { step, version }: Place,
): Promise<Evaluation> {
  under.clock.begin('evaluate')
  under.due ??= await ports.evaluationsDue(step)
  const next = under.due.shift() ?? { version, orders: [] }
  return { ...next, orders: next.orders.map(order => ({ to: 'evaluator', order })) }
}
