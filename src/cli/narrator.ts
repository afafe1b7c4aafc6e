/**
 * What a run tells while it goes on: a line for each step; at each evaluation the scores that are
 * new, the share of learnable tasks and one invented task; at the end what it came to.
 */

import { type Terminal, wrap } from '../../lib/terminal.ts'
import type { NewRow, Store } from '../../state/types.ts'
import { stepLine } from './progress.ts'
import { sampleLines } from './sample-lines.ts'
import { type Learnable, scoreTable } from './score-table.ts'

export type Narrator = {
  /** Hears of a finished step; returns at once. */
  step: (row: NewRow<'steps'>, metrics: Record<string, number>) => void
  /** Resolves when everything heard has been told. */
  caughtUp: () => Promise<void>
  /** The sentence about all of the run, also told. */
  outcome: () => Promise<string | null>
}

export function createNarrator(terminal: Terminal, { read }: Store, steps: number): Narrator {
  let lastScored = 0
  let evaluations = 0

  const kinds = read.run().then(run => run?.kinds ?? [])

  async function learnable(): Promise<Learnable> {
    const curves = (await kinds).map(async ({ name }) => [name, await read.learnable(name)])
    return Object.fromEntries(await Promise.all(curves))
  }

  /** The kinds take turns; one that invented nothing leaves its turn to the next. */
  async function tellSample(since: number): Promise<void> {
    const all = await kinds
    const first = evaluations % all.length
    for (const kind of [...all.slice(first), ...all.slice(0, first)]) {
      const [sample] = await read.samples(kind.name, since, 1)
      if (!sample) continue
      const [title, ...lines] = sampleLines(sample, kind, terminal.width())
      terminal.line(terminal.paint('magenta', title as string))
      for (const line of lines) terminal.line(paintVerdict(terminal, line))
      return
    }
  }

  async function tell(row: NewRow<'steps'>, metrics: Record<string, number>): Promise<void> {
    const { step = 0 } = row
    terminal.line(stepLine(row, metrics, steps))
    const { lines } = await read.heldOut()
    const fresh = lines.filter(({ points }) => points.at(-1)?.step === step)
    // An evaluation alone is shown by its command.
    if (fresh.length === 0 || steps === 0) return
    const table = scoreTable(fresh, await learnable(), terminal.width())
    for (const line of table) terminal.line(terminal.paint('cyan', line))
    if (step > 0) await tellSample(lastScored + 1)
    lastScored = step
    evaluations += 1
  }

  let told = Promise.resolve()
  return {
    step(row, metrics) {
      // A reader that is gone ends the run by itself; what it would have told is not missed.
      told = told.then(() => tell(row, metrics)).catch(() => {})
    },
    caughtUp: () => told,
    async outcome() {
      const sentence = await read.outcome()
      if (sentence === null) return null
      for (const line of wrap(sentence, terminal.width())) {
        terminal.line(terminal.paint('bold', line))
      }
      return sentence
    },
  }
}

function paintVerdict(terminal: Terminal, line: string): string {
  if (line.startsWith('    > correct')) return terminal.paint('green', line)
  return line.startsWith('    > ') ? terminal.paint('yellow', line) : line
}
