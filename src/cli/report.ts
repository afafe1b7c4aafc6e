/** `azr report RUN`: writes a run as one HTML file that loads nothing, and as Markdown. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { jsonText } from '../../lib/terminal.ts'
import { writeWhole } from '../../lib/whole-file.ts'
import { openForReading } from '../../state/database.ts'
import { describeRun, existingRun, statusOf } from '../../state/open.ts'
import { createPages } from '../../state/reader-pages.ts'
import type { Facts } from '../report/facts.ts'
import { reportHtml } from '../report/html.ts'
import { reportMarkdown } from '../report/markdown.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'
import { bestCheckpoint } from './best.ts'
import { worriesOf } from './worries.ts'

export const spec: CommandSpec = {
  name: 'report',
  summary: 'Writes the results of a run as one HTML file that loads nothing, and as Markdown.',
  positions: ['RUN'],
  flags: { out: { value: 'DIR', about: 'folder of report.html and report.md (the run’s folder)' } },
}

function contaminationOf(home: string, name: string): Facts['contamination'] {
  const path = join(home, name, 'contamination.json')
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null
}

const samplesOfAKind = 2

function factsOf(home: string, name: string): Facts {
  const state = describeRun(home, name)
  const { client, db } = openForReading(join(existingRun(home, name), 'run.db'))
  try {
    const pages = createPages(db)
    const { steps, proposals, accepted, rollouts, executions, wall_ms } = pages.totals()
    return {
      name,
      status: statusOf(state),
      run: state.run,
      step: state.step,
      outcome: pages.outcome(),
      best: bestCheckpoint(home, name),
      contamination: contaminationOf(home, name),
      corpus: pages.corpusCounts(),
      worries: worriesOf(pages, state),
      wallSeconds: wall_ms / 1000,
      totals: { steps, proposals, accepted, rollouts, executions },
      lines: pages.heldOut().lines,
      evaluations: pages.evaluations(),
      curves: pages.metrics([]),
      samples: Object.fromEntries(
        state.run.kinds.map(({ name }) => [name, pages.samples(name, 0, samplesOfAKind)]),
      ),
    }
  } finally {
    client.close()
  }
}

export async function run(args: Args): Promise<number> {
  const home = homeOf(args)
  const name = args.positions[0] as string
  const facts = factsOf(home, name)
  const folder = resolve(args.flags.get('out') ?? join(home, name))
  mkdirSync(folder, { recursive: true })
  const [html, markdown] = [join(folder, 'report.html'), join(folder, 'report.md')]
  writeWhole(html, reportHtml(facts))
  writeWhole(markdown, reportMarkdown(facts))
  if (args.flags.has('json')) process.stdout.write(`${jsonText({ html, markdown })}\n`)
  else process.stdout.write(`${html}\n${markdown}\n`)
  return 0
}
