/** `azr eval --completions`: grades completions that were made elsewhere. It needs no model. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { span } from '../../lib/formats.ts'
import { createTerminal, jsonText, type Terminal } from '../../lib/terminal.ts'
import { writeWhole } from '../../lib/whole-file.ts'
import { readCompletions } from '../benchmarks/completions.ts'
import type { Grade } from '../benchmarks/grade.ts'
import { type Answered, createGraders, gradeAll } from '../benchmarks/graders.ts'
import { benchmarkNames, findBenchmark } from '../benchmarks/index.ts'
import type { AnyBenchmark } from '../benchmarks/own.ts'
import { openBenchmark } from '../benchmarks/suites.ts'
import { referenceFolder } from '../config/paths.ts'
import { isPluginPath } from '../config/plugin-path.ts'
import { loadBenchmark } from '../plugins/benchmark.ts'
import { openSandboxes } from '../run/sandboxes.ts'
import { type Args, dataOf } from './args.ts'
import { tallyGrades, verdictLines } from './verdict-lines.ts'

type Graded = { id: string; grade: Grade }

function* linesOf(graded: readonly Graded[]): Generator<string> {
  for (const { id, grade } of graded) yield `${JSON.stringify({ id, ...grade })}\n`
}

/** Writes verdicts in the order of the completions, completely or not at all. */
function write(path: string, graded: readonly Graded[]): void {
  if (path !== '-') writeWhole(path, linesOf(graded))
  else for (const line of linesOf(graded)) process.stdout.write(line)
}

async function benchmarkOf(args: Args): Promise<AnyBenchmark> {
  const name = args.flags.get('suite') ?? ''
  if (isPluginPath(name)) return (await loadBenchmark(name)).value
  const found = findBenchmark(name)
  if (found) return found
  throw new UsageError(
    'suite-unknown',
    `Cannot grade completions for suite ${name || '(none)'}: give one of ${benchmarkNames.join(', ')}`,
  )
}

/** Grades the completions. Returns the exit code if a signal came first. */
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
  const answers = await readCompletions(resolve(flags.get('completions') ?? ''), suite)
  const out = flags.get('out')
  if (out && out !== '-' && !existsSync(dirname(resolve(out)))) {
    throw new UsageError(
      'folder-missing',
      `Cannot write verdicts to ${out} as its folder does not exist`,
    )
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
