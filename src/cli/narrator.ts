/**
 * Prints the story of a run: a line for each step, and at each evaluation the new scores, the share
 * of learnable tasks and one invented task. At the end it prints the result.
 */

import { fold, type Terminal, wrap } from '../../lib/terminal.ts'
import type { NewRow, Store } from '../../state/types.ts'
import { stepLine } from './progress.ts'
import { sampleLines } from './sample-lines.ts'
import { type Learnable, scoreTable } from './score-table.ts'

export type Narrator = {
  /** Called for a finished step. Returns at once. */
  step: (row: NewRow<'steps'>, metrics: Record<string, number>) => void
  /** Resolves when everything has been printed. */
  caughtUp: () => Promise<void>
  /** The sentence about the whole run, which it also prints. */
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

  /** The kinds take turns. A kind without a new task passes its turn on. */
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
    for (const line of fold(stepLine(row, metrics, steps), terminal.width())) terminal.line(line)
    const { lines } = await read.heldOut()
    const fresh = lines.filter(({ points }) => points.at(-1)?.step === step)
    // A pure evaluation is shown by its command.
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
      // If the reader is gone, the run ends by itself. Its lines are not missed.
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
