/** The how-to guides whose commands need no card and no network, from their Markdown. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test, vi } from 'vitest'
import { blocksOf } from '../docs/pages.ts'
import { newReader } from '../docs/run-page.ts'
import { start } from './azr.ts'

vi.setConfig({ testTimeout: 600_000 })

/** A reader who has done the tutorial: there is a run `first`. */
function readerWithRun(name: string) {
  const reader = newReader(name)
  cpSync(inject('reference'), join(reader.folder, 'runs', 'first'), { recursive: true })
  return { ...reader, read: (guide: string) => reader.follow(`docs/how-to/${guide}.md`) }
}

test.each([
  'README.md',
  'docs/how-to/gpu.md',
  'docs/how-to/gpu-80gb.md',
  'docs/how-to/own-model.md',
])('%s: plans need neither card nor model', guide => {
  const said = newReader(guide).follow(guide)
  expect(said.join('')).toMatch(/fits|memory/)
})

test('grade-answers: verdicts of the example', () => {
  const [graded, first, executed] = readerWithRun('grade').read('grade-answers')
  expect(graded).toContain('2 correct, 1 wrong, 0 malformed, 0 ungraded')
  expect(first).toContain('"verdict":')
  expect(executed).toContain('"outcome":"returned"')
  expect(executed).toContain('"output":"[3, 2, 1]"')
})

test('export: tables, curves, the model, a report', () => {
  const said = readerWithRun('export').read('export')
  expect(said.join('')).toMatch(/parquet[\s\S]*tensorboard[\s\S]*hf/)
  expect(said.join('')).toContain('micro-easy')
})

test('move-a-run: a copy is a run', () => {
  const { read, run } = readerWithRun('move')
  const said = read('move-a-run')
  expect(said.join('')).toContain('first')
  expect(run('the copy', 'cp -r first-copy runs/copy && azr db check copy')).toMatch(
    /copy|sound|ok/,
  )
})

test('resume: shows the run, continues with other knobs, adds steps, forks', () => {
  const { read, run } = readerWithRun('resume')
  read('resume')
  const steps = 'select max(step) from steps'
  expect(run('steps', `sqlite3 runs/first/run.db "${steps}"`).trim()).toBe('10')
  // Its suites were answered at two ends of the run, by the base model too.
  expect(run('replay', 'azr replay first')).toContain('steps 0 to 10 equal the recording')
  expect(run('fork', `sqlite3 runs/second/run.db "${steps}"`).trim()).toBe('2')
})

test('python, grafana: the blocks are one script, which reads and begins runs; figures exist', async () => {
  const { folder, run } = readerWithRun('python')
  const home = join(folder, 'runs')
  const server = start(['serve'], { home })
  await server.says(/page http/)
  const [, url = ''] = /page (http:\/\/[^/]+)/.exec(server.said.err) ?? []
  const script = blocksOf('docs/how-to/python.md')
    .filter(({ language }) => language === 'python')
    .map(({ text }) => text)
    .join('\n')
  const said = run('python.md', `python3 - <<'END'\n${script}\nEND`, { AZR_URL: url })
  const [curl = ''] = blocksOf('docs/how-to/grafana.md').flatMap(({ text }) =>
    text.startsWith('curl') ? [text.replace('http://127.0.0.1:4780', url)] : [],
  )
  const figures = run('grafana.md', curl)
  server.child.kill('SIGTERM')
  await server.ended
  expect(figures).toContain('azr_run_step{run="first"} 3')
  expect(said).toContain('first finished step 3 of 3')
  expect(said).toMatch(/404 .*none/)
  expect(said.trimEnd()).toMatch(/finished$/)
})
