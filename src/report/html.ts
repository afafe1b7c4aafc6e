/**
 * The report as one HTML file that loads nothing. All text of a model is escaped: it is shown, and
 * never obeyed.
 */
import { accuracyInterval, passRate } from '../../domain/statistics.ts'
import { kinds } from '../../domain/task.ts'
import { percent } from '../../lib/formats.ts'
import { contaminationHead, contaminationRow } from './contamination.ts'
import { bestLine, endScores, type Facts, flat, shownCurves } from './facts.ts'
import { publishedRows, publishedSuites } from './published.ts'
import { chart } from './svg.ts'

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
export const escaped = (text: unknown) => String(text).replace(/[&<>"']/g, c => entities[c] ?? c)

const style = `
:root{color-scheme:light dark;--line:#2563eb;--soft:#8883}
body{font:15px/1.5 system-ui,sans-serif;max-width:1060px;margin:2rem auto;padding:0 1rem}
h1{margin-bottom:0}h2{margin-top:2.2rem;border-bottom:1px solid var(--soft)}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
td,th{padding:.25rem .7rem;text-align:left;border-bottom:1px solid var(--soft);vertical-align:top}
td.n,th.n{text-align:right}.theirs{opacity:.65}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:1rem}
figure{margin:0}figcaption{font-weight:600;font-size:.9rem}
svg{width:100%;font-size:10px;fill:currentColor}.axis{fill:none;stroke:currentColor;opacity:.4}
.line{fill:none;stroke:var(--line);stroke-width:1.8}.band{fill:var(--line);opacity:.15}circle{fill:var(--line)}
pre{background:var(--soft);padding:.6rem;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.wide{overflow-x:auto}.wide td,.wide th{white-space:nowrap}.paper{font-size:.85rem}.paper td,.paper th{padding:.25rem .45rem}.warn{color:#b91c1c}small{opacity:.7}`

const row = (cells: unknown[], tag = 'td') =>
  `<tr>${cells.map((cell, i) => `<${tag}${i > 0 ? ' class="n"' : ''}>${escaped(cell)}</${tag}>`).join('')}</tr>`

const table = (head: unknown[], rows: unknown[][]) =>
  `<div class="wide"><table><thead>${row(head, 'th')}</thead><tbody>${rows.map(cells => row(cells)).join('')}</tbody></table></div>`

function scores(facts: Facts): string {
  const evaluations = endScores(facts)
  if (evaluations.length === 0) return '<p>Nothing was evaluated in this run.</p>'
  return table(
    ['suite', 'kind', 'mode', 'step', 'items', 'right', '95 %', 'pass@k'],
    evaluations.map(one => {
      const { low, high } = accuracyInterval(one)
      const pass = one.samples > 1 ? `@${one.samples} ${percent(passRate(one), 1)}` : ''
      return [
        one.suite,
        one.kind,
        one.mode,
        one.step,
        one.items,
        percent(one.accuracy, 1),
        `${percent(low, 1)} – ${percent(high, 1)}`,
        pass,
      ]
    }),
  )
}

/** Ours beside theirs, where a suite is one of the paper's; marked as what it is. */
function besidePaper({ evaluations, name }: Facts): string {
  const last = (suite: string) =>
    evaluations.findLast(one => one.suite === suite && one.mode === 'greedy')
  const ours = publishedSuites.map(suite => {
    const found = last(suite)
    return found ? `${(100 * found.accuracy).toFixed(1)} (${found.items} items)` : '–'
  })
  const theirs = publishedRows.map(({ model, scores: found }) =>
    row([model, ...found.map(score => score.toFixed(1))]).replace('<tr>', '<tr class="theirs">'),
  )
  return [
    "<p><small>Grey rows are the paper's own (arXiv 2505.03335, table 1): other models, other prompts, ",
    'measured there and not here.</small></p>',
    `<div class="wide paper"><table><thead>${row(['model', ...publishedSuites], 'th')}</thead><tbody>`,
    row([`${name} (this run)`, ...ours]),
    ...theirs,
    '</tbody></table></div>',
  ].join('')
}

function figures(facts: Facts): string {
  const held = facts.lines
    .filter(({ points }) => points.length > 1)
    .map(({ suite, kind, mode, points }) => {
      const series = {
        points: points.map(({ step, value }) => [step, value] as const),
        band: points.map(({ low, high }) => [low, high] as [number, number]),
      }
      return [`${suite} ${kind}, ${mode}`, chart(series)] as const
    })
  const curves = shownCurves(facts.curves).map(
    ([name, points]) => [name, chart({ points })] as const,
  )
  const all = [...held, ...curves]
  if (all.length === 0) return '<p>No curve has two points yet.</p>'
  return `<div class="charts">${all
    .map(([name, svg]) => `<figure><figcaption>${escaped(name)}</figcaption>${svg}</figure>`)
    .join('')}</div>`
}

function tasks({ samples }: Facts): string {
  const found = kinds.flatMap(kind =>
    samples[kind].map(({ id, program, pairs, message, success_rate, answers }) => {
      const shown = pairs.slice(0, 2).map(({ input, output }) => `f(${input}) = ${output}`)
      const said = answers
        .slice(0, 3)
        .map(({ answer, verdict, count }) => `${count} × ${verdict}: ${answer}`)
      return [
        `<h3>${escaped(kind)} <small>${escaped(id)}, solved ${percent(success_rate, 1)} of the time</small></h3>`,
        `<pre>${escaped([program, ...shown, message].filter(Boolean).join('\n'))}</pre>`,
        said.length > 0 ? `<pre>${escaped(said.join('\n'))}</pre>` : '',
      ].join('')
    }),
  )
  return found.length > 0 ? found.join('') : '<p>No task was invented in this run.</p>'
}

function health({ worries }: Facts): string {
  if (worries.length === 0) return '<p>No alarm.</p>'
  return `<ul>${worries.map(text => `<li class="warn">${escaped(text)}</li>`).join('')}</ul>`
}

/** Items that are touched, of each benchmark. */
function shared({ contamination }: Facts): string {
  if (!contamination) return '<p>Not looked at: <code>azr contamination RUN</code> does.</p>'
  const { ngram, programs, suites } = contamination
  return [
    `<p><small>${escaped(programs)} programs; items that share runs of ${escaped(ngram)} tokens (words; shape: names blanked), `,
    'the same question, or what the program does.</small></p>',
    table(contaminationHead, suites.map(contaminationRow)),
  ].join('')
}

export function reportHtml(facts: Facts): string {
  const { name, status, run, step, outcome, totals, wallSeconds } = facts
  const minutes = (wallSeconds / 60).toFixed(1)
  const versions = Object.entries((run.versions ?? {}) as object)
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">',
    `<meta name="viewport" content="width=device-width"><title>azr report: ${escaped(name)}</title>`,
    `<style>${style}</style></head><body>`,
    `<h1>${escaped(name)}</h1><p>${escaped(status)}, step ${escaped(step ?? '–')}, seed ${escaped(run.seed)}</p>`,
    outcome ? `<p><strong>${escaped(outcome)}</strong></p>` : '',
    '<h2>Scores</h2>',
    scores(facts),
    `<p>${escaped(bestLine(facts))}</p>`,
    "<h2>Beside the paper's</h2>",
    besidePaper(facts),
    '<h2>Curves</h2>',
    figures(facts),
    '<h2>Tasks that it invented</h2>',
    tasks(facts),
    '<h2>Shared with the benchmarks</h2>',
    shared(facts),
    '<h2>Health</h2>',
    health(facts),
    '<h2>Cost</h2>',
    table(
      ['what', 'count'],
      [...Object.entries(totals), ['wall time of its steps, minutes', minutes]],
    ),
    '<h2>Versions</h2>',
    table(['what', 'version'], versions),
    `<details><summary>Config</summary>${table(['knob', 'value'], flat(run.config))}</details>`,
    '</body></html>\n',
  ].join('\n')
}
