/** Charts of metrics by name, for one run or two. */
import { useMemo } from 'preact/hooks'
import type { Metrics } from '../api.ts'
import { Chart, type Series } from '../chart/index.tsx'
import { kinds, perKind } from '../kinds.ts'
import { queryOf } from '../links.ts'
import { Empty } from '../parts.tsx'
import { isLive } from '../state.ts'

export type Curve = {
  title: string
  names: [label: string, metric: string, color: string][]
  isShare?: boolean
  /** The unit of y. */
  unit: string
}

export const meanReward: Curve = {
  title: 'Mean reward',
  isShare: false,
  unit: 'reward',
  names: [
    ['solver', 'reward.solver.all', 'solver'],
    ['proposer', 'reward.proposer.all', 'proposer'],
  ],
}
export const rightAnswers = (): Curve => {
  return { title: 'Right answers', names: perKind('accuracy'), unit: 'share of answers' }
}
export const learnableTasks = (): Curve => {
  return { title: 'Learnable tasks', names: perKind('learnable'), unit: 'share of new tasks' }
}
export const validProposals = (): Curve => {
  return { title: 'Valid proposals', names: perKind('valid'), unit: 'share of proposals' }
}

type Found = { found: Metrics; other?: Metrics | null; name?: string }

function seriesOf({ names }: Curve, { found, other, name }: Found, known: string[]): Series[] {
  return names.flatMap(([label, metric, color]): Series[] => [
    { name: label, color, points: found[metric] ?? [], query: queryOf(metric, known) },
    ...(other
      ? [
          {
            name: `${label} of ${name}`,
            color,
            isDashed: true,
            run: name as string,
            points: other[metric] ?? [],
          },
        ]
      : []),
  ])
}

function CurveChart({ curve, found, other = null, name = '' }: Found & { curve: Curve }) {
  const known = kinds.value.map(kind => kind.name)
  const key = JSON.stringify([curve, known, name])
  const series = useMemo(() => seriesOf(curve, { found, other, name }, known), [key, found, other])
  const { title, unit, isShare = true } = curve
  return <Chart title={title} unit={unit} isShare={isShare} series={series} />
}

/** Stands for the charts of a run that has done no step, instead of a card for each. */
export const NoCurve = () => (
  <Empty>
    {isLive.value
      ? 'The curves begin when the first step is done.'
      : 'This run has done no step, so it has no curves.'}
  </Empty>
)

export function Curves({ curves, ...found }: Found & { curves: Curve[] }) {
  const isDrawn = [found.found, found.other ?? {}].some(one => Object.keys(one).length > 0)
  if (!isDrawn) return <NoCurve />
  return (
    <div class="charts">
      {curves.map(curve => (
        <CurveChart key={curve.title} curve={curve} {...found} />
      ))}
    </div>
  )
}
