/** Ways to make a run collapse, how each shows, and how the run is told to react. */
import type { Curve } from '../../domain/health/health.ts'
import { mean } from '../../domain/metrics.ts'

export type Action = 'warn' | 'pause' | 'stop'
export type Collapse = {
  name: string
  about: string
  knobs: string[]
  action: Action
  /** The alarm that has to be raised. Without a name, any alarm of level collapse counts. */
  alarm?: string
}

const rate = ['--trainer.learningRate=0.05', '--steps=12']

export const collapses: Collapse[] = [
  {
    name: 'trivial',
    about: 'a proposer that is paid for what is always solved, and may repeat itself',
    knobs: [
      '--reward.zeroLearnability=1',
      '--task.refuseDuplicates=false',
      '--kinds=[deduction]',
      '--trainer.learningRate=3e-4',
      '--propose.batch=16',
      '--solve.batch=16',
      '--steps=90',
    ],
    action: 'stop',
  },
  {
    name: 'rate',
    about: 'a learning rate of 0.05, five hundred times what the preset has',
    knobs: rate,
    action: 'stop',
  },
  {
    name: 'kind',
    about: 'one kind of three yields nothing: induction is asked for three times as many inputs',
    knobs: ['--propose.inputs=24', '--seeding.minimum=0', '--steps=8'],
    action: 'stop',
    alarm: 'proposals fail: induction',
  },
  { name: 'pause', about: 'the same, with health.onCollapse=pause', knobs: rate, action: 'pause' },
  { name: 'warn', about: 'the same, with health.onCollapse=warn', knobs: rate, action: 'warn' },
]

/** The conditions of the alarms in docs/reference/health.md, here on the mean of three steps. */
const lines: Record<string, (value: number, first: number) => boolean> = {
  'success.all': value => value >= 0.95,
  'learnable.all': value => value <= 0.03,
  'valid.all': value => value <= 0.1,
  'valid.induction': value => value <= 0.1,
  entropy: (value, first) => value < 0.25 * first || value > 3 * first,
}
export const watched = Object.keys(lines)
const window = 3

/** The first step from which one of the curves is bad, and which curve. */
export function findOnset(curves: Record<string, Curve>): { curve: string; step: number } | null {
  const found = watched.flatMap(curve => {
    const points = curves[curve] ?? []
    const from = points.find((_, i) => {
      const values = points.slice(i, i + window).map(([, value]) => value)
      return lines[curve]?.(mean(values) ?? Number.NaN, points[0]?.[1] ?? 0)
    })
    return from ? [{ curve, step: from[0] }] : []
  })
  return found.toSorted((a, b) => a.step - b.step)[0] ?? null
}
