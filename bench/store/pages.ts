/** The list pages of the API, asked for as a person leafs through them: filters and cursors vary. */
import { stream } from '../../src/domain/rng.ts'
import { kinds } from '../../src/domain/task.ts'
import type { Pages } from '../../state/reader-pages.ts'
import { perStep, rolloutRow } from './rows.ts'

const limit = 50

export function pageCalls(pages: Pages, rollouts: number): [string, () => unknown][] {
  const rng = stream(1, 'pages')
  const some = () => rolloutRow(rng.int(rollouts))
  const step = () => rng.int(Math.ceil(rollouts / perStep))
  const kind = () => kinds[rng.int(3)] ?? 'deduction'
  return [
    ['steps', () => pages.steps(step(), limit)],
    ['tasks', () => pages.tasks({ before: some().id, limit })],
    ['tasks of a kind', () => pages.tasks({ kind: kind(), before: some().id, limit })],
    [
      'tasks of a rare verdict',
      () => pages.tasks({ verdict: 'duplicate', before: some().id, limit }),
    ],
    [
      'tasks of a kind and verdict',
      () => pages.tasks({ kind: kind(), verdict: 'accepted', before: some().id, limit }),
    ],
    ['tasks of a step', () => pages.tasks({ step: step(), limit })],
    ['rollouts', () => pages.rollouts({ before: some().id, limit })],
    [
      'rollouts of a kind and role',
      () => pages.rollouts({ kind: kind(), role: 'solver', before: some().id, limit }),
    ],
    ['rollouts of a step', () => pages.rollouts({ step: step(), limit })],
    [
      'rollouts of a verdict',
      () => pages.rollouts({ verdict: 'correct', before: some().id, limit }),
    ],
    ['one rollout', () => pages.rollout(some().id)],
    ['one task', () => pages.task(some().task_hash as string)],
    ['one curve', () => pages.metrics(['loss'])],
    ['evaluations', () => pages.evaluations()],
    ['machines', () => pages.machines()],
    ['events', () => pages.events(limit)],
    ['messages', () => pages.messages(step(), limit, [])],
  ]
}
