/** Writes the report as one HTML file that loads nothing. `html` escapes all text of a model. */
import { html, raw } from 'hono/html'
import { corpusRows } from '../../domain/corpus.ts'
import { accuracyInterval, passRate } from '../../domain/statistics.ts'
import { percent } from '../../lib/formats.ts'
import { contaminationHead, contaminationRow } from './contamination.ts'
import { bestLine, endScores, type Facts, flat, shownCurves } from './facts.ts'
import { comparability, publishedRows, publishedSuites } from './published.ts'
import { chart } from './svg.ts'

const numeric = raw(' class="n"')
const style = raw(`
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
.wide{overflow-x:auto}.wide td,.wide th{white-space:nowrap}.paper{font-size:.85rem}.paper td,.paper th{padding:.25rem .45rem}.warn{color:#b91c1c}small{opacity:.7}`)

const cells = (all: unknown[]) =>
  all.map((cell, i) => html`<td${i > 0 ? numeric : ''}>${String(cell)}</td>`)
const row = (all: unknown[]) => html`<tr>${cells(all)}</tr>`
const head = (all: unknown[]) =>
  html`<thead><tr>${all.map((cell, i) => html`<th${i > 0 ? numeric : ''}>${String(cell)}</th>`)}</tr></thead>`

const table = (names: unknown[], rows: unknown[][]) =>
  html`<div class="wide"><table>${head(names)}<tbody>${rows.map(row)}</tbody></table></div>`

function scores(facts: Facts) {
  const evaluations = endScores(facts)
  if (evaluations.length === 0) return html`<p>Nothing was evaluated in this run.</p>`
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

/** Our scores next to the paper's, if the suite is one of the paper's; marked as published. */
function besidePaper(facts: Facts) {
  const { evaluations, name } = facts
  const last = (suite: string) =>
    evaluations.findLast(one => one.suite === suite && one.mode === 'greedy')
  const ours = publishedSuites.map(suite => {
    const found = last(suite)
    return found ? `${(100 * found.accuracy).toFixed(1)} (${found.items} items)` : '–'
  })
  const theirs = publishedRows.map(({ model, scores: found }) => {
    const points = found.map(score => score.toFixed(1))
    return html`<tr class="theirs">${cells([model, ...points])}</tr>`
  })
  return html`<p><small>Grey rows: ${comparability(facts)}</small></p>
<div class="wide paper"><table>${head(['model', ...publishedSuites])}<tbody>
${row([`${name} (this run)`, ...ours])}${theirs}</tbody></table></div>`
}

function figures(facts: Facts) {
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
  if (all.length === 0) return html`<p>No curve has two points yet.</p>`
  const drawn = all.map(
    ([name, svg]) => html`<figure><figcaption>${name}</figcaption>${svg}</figure>`,
  )
  return html`<div class="charts">${drawn}</div>`
}

function tasks({ run, samples }: Facts) {
  const found = run.kinds.flatMap(({ name, label }) =>
    (samples[name] ?? []).map(({ id, program, pairs, message, success_rate, answers }) => {
      const shown = pairs.slice(0, 2).map(({ input, output }) => `f(${input}) = ${output}`)
      const said = answers
        .slice(0, 3)
        .map(({ answer, verdict, count }) => `${count} × ${verdict}: ${answer}`)
      const text = [program, ...shown, message].filter(Boolean).join('\n')
      return html`<h3>${label} <small>${id}, solved ${percent(success_rate, 1)} of the time</small></h3>
<pre>${text}</pre>${said.length > 0 && html`<pre>${said.join('\n')}</pre>`}`
    }),
  )
  return found.length > 0 ? found : html`<p>No task was invented in this run.</p>`
}

function health({ worries }: Facts) {
  if (worries.length === 0) return html`<p>No alarm.</p>`
  return html`<ul>${worries.map(text => html`<li class="warn">${text}</li>`)}</ul>`
}

/** For each benchmark, the number of items that match. */
function shared({ contamination }: Facts) {
  if (!contamination) return html`<p>Not checked: run <code>azr contamination RUN</code>.</p>`
  const { ngram, programs, suites } = contamination
  return html`<p><small>${programs} programs; items that share runs of ${ngram} tokens (words; shape: names
blanked), the same question, or what the program does.</small></p>
${table(contaminationHead, suites.map(contaminationRow))}`
}

/** The counts of the user's own code, if the run was given any. */
function ownCode({ corpus }: Facts) {
  if (!corpus) return ''
  return html`<h2>Own code</h2>
<p><small>Functions of ${corpus.folder} that proposals could begin with.</small></p>
${table(['what', 'count'], corpusRows(corpus))}`
}

function cost({ totals, wallSeconds }: Facts) {
  const minutes = (wallSeconds / 60).toFixed(1)
  return table(
    ['what', 'count'],
    [...Object.entries(totals), ['wall time of its steps, minutes', minutes]],
  )
}

export function reportHtml(facts: Facts): string {
  const { name, status, run, step, outcome } = facts
  const versions = Object.entries((run.versions ?? {}) as object)
  const page = html`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>azr report: ${name}</title>
<style>${style}</style></head><body>
<h1>${name}</h1><p>${status}, step ${step ?? '–'}, seed ${run.seed}</p>
${outcome && html`<p><strong>${outcome}</strong></p>`}
<h2>Scores</h2>
${scores(facts)}
<p>${bestLine(facts)}</p>
<h2>Compared with the paper</h2>
${besidePaper(facts)}
<h2>Curves</h2>
${figures(facts)}
<h2>Tasks that it invented</h2>
${tasks(facts)}
<h2>Shared with the benchmarks</h2>
${shared(facts)}
${ownCode(facts)}
<h2>Health</h2>
${health(facts)}
<h2>Cost</h2>
${cost(facts)}
<h2>Versions</h2>
${table(['what', 'version'], versions)}
<details><summary>Config</summary>${table(['knob', 'value'], flat(run.config))}</details>
</body></html>
`
  return String(page)
}
