/** A run of rows with curves: 30 steps of a minute, suites at steps 0, 10 and 20. No texts. */
import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import { openRun } from '../../state/open.ts'
import type { Write } from '../../state/types.ts'
import { evaluation, finishedStep } from './made-run.ts'

export const lastStep = 30
const steps = Array.from({ length: lastStep + 1 }, (_, step) => step)

const metric = (step: number, name: string, value: number): Write => {
  return { table: 'metrics', row: { step, made_in: step, name, value } }
}

/** Rises in a zigzag, each kind a little lower than the previous one. */
const rising = (step: number, i: number) => 0.2 + step / 50 + (step % 2) * 0.1 - i * 0.05

function curves(step: number): Write[] {
  const names = ['valid', 'learnable', 'accuracy', 'truncated.proposer', 'length.solver']
  return [
    ...names.flatMap(name =>
      kinds.map((kind, i) => metric(step, `${name}.${kind}`, rising(step, i))),
    ),
    metric(step, 'reward.solver.all', rising(step, 0)),
    metric(step, 'reward.proposer.all', -rising(step, 1)),
    metric(step, 'length.proposer.all', 20),
    metric(step, 'length.solver.all', 10),
  ]
}

function minute(step: number): Write[] {
  const rows = finishedStep(step)
  return rows.map(write => ({ ...write, row: { ...write.row, wall_ms: 60_000 } }) as Write)
}

export async function makeCurvedRun(home: string, name: string): Promise<void> {
  const { store, release } = await openRun(home, name, {
    name,
    preset: 'smoke',
    seed: 1,
    versions: {},
    created_at_ms: 1,
    config: { steps: lastStep, evaluate: { suites: ['easy'] } },
  })
  await store.event('started')
  await store.write([
    ...[0, 10, 20].flatMap(step => evaluation('easy', step, 10 + step / 2)),
    ...steps.flatMap(minute),
    ...steps.slice(1).flatMap(curves),
  ])
  await store.event('finished')
  await release()
}
