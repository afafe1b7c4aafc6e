/** Writes the report as Markdown for a pull request: like html.ts, without charts. */
import { corpusRows } from '../../domain/corpus.ts'
import { accuracyInterval } from '../../domain/statistics.ts'
import { percent } from '../../lib/formats.ts'
import { contaminationHead, contaminationRow } from './contamination.ts'
import { bestLine, endScores, type Facts, flat, shownCurves } from './facts.ts'
import { comparability, publishedRows, publishedSuites } from './published.ts'

/** A cell's text, without characters that Markdown or HTML would interpret. */
const cell = (value: unknown) =>
  String(value)
    .replace(/[\\|`<>[\]*_]/g, c => `\\${c}`)
    .replace(/[\r\n]+/g, ' ')

const table = (head: unknown[], rows: unknown[][]) =>
  [head, head.map(() => '---'), ...rows.map(cells => cells.map(cell))]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n')

/** A fence longer than any in the text. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const marks = '`'.repeat(longest + 1)
  return `${marks}python\n${text}\n${marks}`
}

export function reportMarkdown(facts: Facts): string {
  const { name, status, run, step, outcome, totals, worries, samples } = facts
  const ends = shownCurves(facts.curves).map(([curve, points]) => {
    return [curve, ...[points[0], points.at(-1)].map(point => point?.[1].toPrecision(4))]
  })
  const tasks = run.kinds.flatMap(({ name, label }) =>
    (samples[name] ?? []).map(({ program, pairs }) => {
      const shown = pairs.slice(0, 2).map(({ input, output }) => `# f(${input}) = ${output}`)
      return `**${cell(label)}**\n\n${fence([program, ...shown].join('\n'))}`
    }),
  )
  const scored = endScores(facts).map(one => {
    const { low, high } = accuracyInterval(one)
    return [
      one.suite,
      one.kind,
      one.mode,
      one.step,
      one.items,
      percent(one.accuracy, 1),
      `${percent(low, 1)} – ${percent(high, 1)}`,
    ]
  })
  return [
    `# ${cell(name)}`,
    `${status}, step ${step ?? '–'}, seed ${run.seed}`,
    ...(outcome ? [cell(outcome)] : []),
    '## Scores',
    table(['suite', 'kind', 'mode', 'step', 'items', 'right', '95 %'], scored),
    cell(bestLine(facts)),
    cell(comparability(facts)),
    table(
      ['model', ...publishedSuites],
      publishedRows.map(({ model, scores }) => [model, ...scores]),
    ),
    '## Curves',
    table(['curve', 'first', 'last'], ends),
    '## Tasks that it invented',
    ...tasks,
    '## Shared with the benchmarks',
    facts.contamination
      ? table(contaminationHead, facts.contamination.suites.map(contaminationRow))
      : 'Not checked (`azr contamination`).',
    ...(facts.corpus ? ['## Own code', table(['what', 'count'], corpusRows(facts.corpus))] : []),
    '## Health',
    worries.length > 0 ? worries.map(text => `- ${cell(text)}`).join('\n') : 'No alarm.',
    '## Cost and versions',
    table(
      ['what', 'value'],
      [
        ...Object.entries(totals),
        ['wall minutes', (facts.wallSeconds / 60).toFixed(1)],
        ...Object.entries((run.versions ?? {}) as object),
      ],
    ),
    '## Config',
    table(['knob', 'value'], flat(run.config)),
    '',
  ].join('\n\n')
}
