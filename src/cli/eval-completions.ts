/** `azr eval --completions`: grades completions that were made elsewhere; needs no model. */
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { span } from '../../lib/formats.ts'
import { filledLines } from '../../lib/lines.ts'
import { createTerminal, jsonText, type Terminal } from '../../lib/terminal.ts'
import { writeWhole } from '../../lib/whole-file.ts'
import type { Grade } from '../benchmarks/grade.ts'
import { type Answered, createGraders, gradeAll } from '../benchmarks/graders.ts'
import { benchmarkNames, findBenchmark } from '../benchmarks/index.ts'
import type { AnyBenchmark } from '../benchmarks/own.ts'
import { openBenchmark, type Suite } from '../benchmarks/suites.ts'
import { referenceFolder } from '../config/paths.ts'
import { isPluginPath } from '../config/plugin-path.ts'
import { loadBenchmark } from '../plugins/benchmark.ts'
import { openSandboxes } from '../run/sandboxes.ts'
import { type Args, dataOf } from './args.ts'
import { tallyGrades, verdictLines } from './verdict-lines.ts'

function parsed(line: string): { id: string; completion: string } | null {
  try {
    const { id, completion } = JSON.parse(line) ?? {}
    return typeof id === 'string' && typeof completion === 'string' ? { id, completion } : null
  } catch {
    return null
  }
}

function readAnswers(path: string, { benchmark: { name }, items }: Suite): Answered[] {
  const byId = new Map(items.map(item => [item.id, item]))
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`Cannot read completions in ${path}`, { cause: error })
  }
  const answers = filledLines(text).map(({ number, text: line }): Answered => {
    const found = parsed(line)
    if (!found) {
      throw new UsageError(
        `Cannot read line ${number} of ${path}: it has to be {"id": "…", "completion": "…"}`,
      )
    }
    const item = byId.get(found.id)
    if (item) return { item, completion: found.completion }
    const like = items[0]?.id
    throw new UsageError(
      `Cannot grade line ${number} of ${path}: ${name} has no item ${JSON.stringify(found.id)}; its ids are like ${like}`,
    )
  })
  if (answers.length === 0) throw new UsageError(`Cannot grade ${path}: it has no completions`)
  return answers
}

type Graded = { id: string; grade: Grade }

/** Verdicts in the order of the completions; the file is whole or not there. */
function write(path: string, graded: readonly Graded[]): void {
  const lines = graded.map(({ id, grade }) => `${JSON.stringify({ id, ...grade })}\n`).join('')
  if (path === '-') process.stdout.write(lines)
  else writeWhole(path, lines)
}

async function benchmarkOf(args: Args): Promise<AnyBenchmark> {
  const name = args.flags.get('suite') ?? ''
  if (isPluginPath(name)) return (await loadBenchmark(name)).value
  const found = findBenchmark(name)
  if (found) return found
  throw new UsageError(
    `Cannot grade completions for suite ${name || '(none)'}: give one of ${benchmarkNames.join(', ')}`,
  )
}

/** The grades, or the exit code of a signal that came first. */
async function gradeHere(
  benchmark: AnyBenchmark,
  answers: readonly Answered[],
  terminal: Terminal,
): Promise<Grade[] | number> {
  const workers = availableParallelism()
  const graders = createGraders(openSandboxes(workers), referenceFolder)
  const cancel = new AbortController()
  const interrupted = new Promise<number>(done => {
    process.once('SIGINT', () => done(130))
    process.once('SIGTERM', () => done(143))
  })
  const began = performance.now()
  let graded = 0
  const onGraded = () => {
    graded++
    const left = ((performance.now() - began) / graded) * (answers.length - graded)
    terminal.status(`${benchmark.name}: ${graded} of ${answers.length}, ${span(left)} left`)
  }
  const lanes = { count: 2 * workers + 2, signal: cancel.signal, onGraded }
  try {
    return await Promise.race([gradeAll(graders, benchmark, answers, lanes), interrupted])
  } finally {
    cancel.abort()
    await graders.stop()
    terminal.close()
  }
}

export async function gradeCompletions(args: Args): Promise<number> {
  const { flags } = args
  const benchmark = await benchmarkOf(args)
  const { name } = benchmark
  const suite = await openBenchmark(benchmark, {
    data: dataOf(args),
    model: flags.get('model') ?? 'models/micro',
    since: flags.get('since'),
    until: flags.get('until'),
  })
  const answers = readAnswers(resolve(flags.get('completions') ?? ''), suite)
  const out = flags.get('out')
  if (out && out !== '-' && !existsSync(dirname(resolve(out)))) {
    throw new UsageError(`Cannot write verdicts to ${out}: its folder is not there`)
  }
  const terminal = createTerminal(process.stderr)
  const began = performance.now()
  const found = await gradeHere(benchmark, answers, terminal)
  if (typeof found === 'number') return found
  const graded = answers.map(({ item: { id } }, i) => ({ id, grade: found[i] as Grade }))
  if (out) write(out === '-' ? out : resolve(out), graded)
  const seconds = (performance.now() - began) / 1000
  const tally = tallyGrades(graded)
  for (const line of verdictLines(name, tally, suite.items.length, seconds)) terminal.line(line)
  if (flags.has('json') && out !== '-')
    process.stdout.write(`${jsonText({ suite: name, ...tally })}\n`)
  return 0
}
