/** Reads a finished run: its scores at the start and the end, item by item, and its costs. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openForReading } from '../../state/database.ts'
import { createReader } from '../../state/reader.ts'
import type { Arm } from './arms.ts'
import type { Cell, Course, Measured, Point } from './cells.ts'
import { secondsIn } from './children.ts'
import { forcedName, runName, startForced, stateOf } from './jobs.ts'
import type { Options } from './options.ts'
import { itemsOf, type Records } from './records.ts'

type Wanted = { home: string; name: string; step: number; suites: string[] }

/** Reads the cells of one step. Only the modes without forcing have figures for each item. */
export function cellsOf({ home, name, step, suites }: Wanted): Cell[] {
  const path = join(home, name, 'run.db')
  if (!existsSync(path)) return []
  const { client, db } = openForReading(path)
  try {
    const shares = client.prepare(
      `select avg(verdict = 'correct') as share from evaluation_items
       where step = ? and suite = ? and kind = ? and mode = ? and verdict != 'ungraded'
       group by item order by item`,
    )
    return createReader(db)
      .evaluations()
      .filter(row => row.step === step && suites.includes(row.suite))
      .map(({ step: _, ...row }) => {
        const { suite, kind, mode } = row
        const found = shares.all(step, suite, kind, mode) as { share: number }[]
        return { ...row, shares: found.map(({ share }) => share) }
      })
  } finally {
    client.close()
  }
}

const courseQuery = `
  with fresh as (
    select step, kind, count(*) as added,
      avg(length(program) - length(replace(program, char(10), '')) + 1) as lines
    from tasks where verdict = 'accepted' and step > 0 group by step, kind)
  select step, kind, proposals, accepted, learnable, coalesce(added, 0) as added, lines, correct
  from v_learning_curve left join fresh using (step, kind) order by step, kind`

export function courseOf(home: string, name: string): Pick<Measured, 'curve' | 'course'> {
  const { client } = openForReading(join(home, name, 'run.db'))
  try {
    const curve = client
      .prepare('select step, suite, kind, mode, items, accuracy from evaluations order by step')
      .all() as Point[]
    return { curve, course: client.prepare(courseQuery).all() as Course[] }
  } finally {
    client.close()
  }
}

type Costs = { trained: number; evaluate_ms: number; steps: number }

export function costsOf(home: string, name: string): Costs {
  const { client } = openForReading(join(home, name, 'run.db'))
  try {
    const sql = `select max(step) as steps, sum(trained) as trained, sum(evaluate_ms) as evaluate_ms
      from steps`
    return client.prepare(sql).get() as Costs
  } finally {
    client.close()
  }
}

/** Null if the run is not finished. `suites` are those of the table, without the curve's. */
export function measure(
  options: Options,
  arm: string,
  seed: number,
  records: Records,
): Measured | null {
  const { home, suites, jobs } = options
  const name = runName(options, arm, seed)
  if (stateOf(home, name) !== 'finished') return null
  const { steps, trained, evaluate_ms } = costsOf(home, name)
  const at = (run: string, step: number) => cellsOf({ home, name: run, step, suites })
  // The supervised arm is an evaluation of its end, so its one step is 0.
  const start =
    records.freeStart(seed, itemsOf(options, options.arms[arm] as Arm)) ??
    (steps === 0 ? [] : at(name, 0))
  const ownForced = at(startForced(), 0)
  const isForced = options.arms[arm]?.items === undefined
  const forced = ownForced.length > 0 ? ownForced : (records.forcedStart() ?? [])
  return {
    arm,
    seed,
    steps,
    trained,
    jobs,
    seconds: secondsIn(join(home, name)),
    evaluateSeconds: evaluate_ms / 1000,
    start: [...start, ...(isForced ? forced : [])],
    end: [...at(name, steps), ...at(forcedName(name), 0)],
    ...courseOf(home, name),
  }
}

/** Wall-clock minutes of these runs without held-out suites; null if there are none. */
export function trainingMinutes(found: Measured[]): number | null {
  if (found.length === 0) return null
  const seconds = found.map(run => run.seconds - run.evaluateSeconds)
  return seconds.reduce((sum, value) => sum + value, 0) / seconds.length / 60
}
