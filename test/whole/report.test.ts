/** `azr report` on a made run: complete, loading nothing, with all model text escaped. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { html } from 'hono/html'
import { expect, test } from 'vitest'
import { builtInKinds, shownOf } from '../../domain/kinds/index.ts'
import { endScores, type Facts } from '../../src/report/facts.ts'
import { reportHtml } from '../../src/report/html.ts'
import { reportMarkdown } from '../../src/report/markdown.ts'
import { chart } from '../../src/report/svg.ts'

const hostile = '</pre><script>alert(1)</script>```\n|<img src=x onerror=alert(1)>'
const sample = {
  id: 'a',
  step: 1,
  kind: 'deduction' as const,
  program: hostile,
  message: hostile,
  pairs: [{ input: hostile, output: '1', canonical: '1' }],
  success_rate: 0.5,
  estimates: 2,
  answers: [{ answer: hostile, working: null, verdict: 'wrong', count: 2 }],
}
const evaluation = {
  suite: 'math500',
  step: 0,
  made_in: 0,
  kind: 'deduction' as const,
  mode: 'greedy' as const,
  items: 20,
  correct: 5,
  accuracy: 0.25,
  samples: 1,
  passed: 5,
  scratched: 0,
  cut: 0,
  deviation: 0,
}
const facts: Facts = {
  name: 'made',
  status: 'finished',
  step: 3,
  outcome: hostile,
  worries: [hostile],
  contamination: null,
  corpus: {
    folder: hostile,
    files: 4,
    functions: 20,
    kept: 17,
    skipped: [{ reason: hostile, count: 3 }],
    unread: [{ reason: 'not UTF-8', count: 1 }],
  },
  best: { step: 2, value: 0.61254, measure: 'suites' },
  run: {
    seed: 7,
    config: { a: { b: hostile } },
    versions: { azr: '0' },
    kinds: shownOf(builtInKinds),
  } as unknown as Facts['run'],
  wallSeconds: 90,
  totals: { steps: 3, proposals: 4, accepted: 2, rollouts: 9, executions: 5 },
  lines: [],
  evaluations: [evaluation],
  curves: {
    loss: [
      [1, 0.5],
      [2, 0.25],
    ],
    hidden: [
      [1, 1],
      [2, 2],
    ],
  },
  samples: { deduction: [sample], abduction: [], induction: [] },
}

test('the page loads nothing and runs nothing', () => {
  const page = reportHtml(facts)
  expect(page).toContain("default-src 'none'")
  expect(page).not.toMatch(/<script|<img|onerror=alert\(1\)>|<link|src=["']http/)
  expect(page).toContain(String(html`${hostile}`))
})

test("it has the scores with their intervals, the paper's next to them, curves and cost", () => {
  const page = reportHtml(facts)
  // Wilson, 5 of 20
  expect(page).toContain('11.2% – 46.9%')
  expect(page).toContain('25.0 (20 items)')
  expect(page).toContain('AZR from Qwen2.5-7B')
  expect(page).toContain('Best checkpoint: step 2, by suites (0.6125)')
  expect(page).toContain('<figcaption>loss</figcaption><svg')
  expect(page).not.toContain('<figcaption>hidden')
  expect(page).toContain('1.5')
})

test("Markdown escapes a model's text too", () => {
  const text = reportMarkdown(facts)
  const outside = text.replace(/^(`{3,})python\n[\s\S]*?\n\1$/gm, '')
  expect(outside).not.toContain('<script>')
  expect(text).toContain('````python')
  expect(text).toContain('| math500 | deduction | greedy | 0 | 20 | 25.0% | 11.2% – 46.9% |')
})

test("what was taken of the user's own code has a table, if there was any", () => {
  expect(reportHtml(facts)).toMatch(/<td>functions read<\/td><td class="n">20<\/td>/)
  expect(reportMarkdown(facts)).toContain('| functions kept | 17 |')
  expect(reportMarkdown(facts)).toContain('| file skipped: not UTF-8 | 1 |')
  const without = { ...facts, corpus: null }
  expect([reportHtml(without), reportMarkdown(without)].join()).not.toContain('Own code')
})

test('of many scores of a suite the table shows the first and the last', () => {
  const many = [0, 5, 10].map(step => ({ ...evaluation, step }))
  expect(endScores({ ...facts, evaluations: many }).map(({ step }) => step)).toEqual([0, 10])
  expect(endScores(facts)).toEqual([evaluation])
})

test('a chart of equal values has a line', () => {
  expect(
    String(
      chart({
        points: [
          [0, 1],
          [1, 1],
        ],
      }),
    ),
  ).not.toContain('NaN')
})

test('published rows agree with their own averages', async () => {
  const { publishedRows } = await import('../../src/report/published.ts')
  const means = publishedRows.map(({ scores }) =>
    [scores.slice(0, 3), scores.slice(3)].map(
      some => Math.round((10 * some.reduce((sum, one) => sum + one, 0)) / some.length) / 10,
    ),
  )
  // The paper's own columns: code average, mathematics average.
  expect(means).toEqual([
    [52, 27.5],
    [56.6, 23.9],
    [55.2, 38.4],
    [61.6, 39.1],
  ])
  expect(
    readFileSync(join(import.meta.dirname, '../../src/report/published.ts'), 'utf8'),
  ).toContain('2505.03335')
})
