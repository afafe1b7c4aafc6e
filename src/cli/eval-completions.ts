/** `azr eval --completions`: grades completions that were made elsewhere; needs no model. */
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { span } from '../../lib/formats.ts'
import { createTerminal, jsonText } from '../../lib/terminal.ts'
import { writeWhole } from '../../lib/whole-file.ts'
import type { Benchmark, BenchmarkItem } from '../benchmarks/benchmark.ts'
import { openBenchmark } from '../benchmarks/benchmark.ts'
import type { Grade } from '../benchmarks/grade.ts'
import { createGraders } from '../benchmarks/graders.ts'
import { isSuite, suiteNames } from '../benchmarks/specs.ts'
import { referenceFolder } from '../config/paths.ts'
import { openSandboxes } from '../run/sandboxes.ts'
import { type Args, dataOf } from './args.ts'
import { tallyGrades, verdictLines } from './verdict-lines.ts'

type Job = { id: string; item: BenchmarkItem; completion: string }

function readJobs(path: string, { name, items }: Benchmark): Job[] {
  const byId = new Map(items.map(item => [item.id, item]))
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`Cannot read completions in ${path}`, { cause: error })
  }
  const jobs = text.split('\n').flatMap((line, i): Job[] => {
    if (line.trim() === '') return []
    const found = parsed(line)
    if (!found) {
      throw new UsageError(
        `Cannot read line ${i + 1} of ${path}: it has to be {"id": "…", "completion": "…"}`,
      )
    }
    const item = byId.get(found.id)
    if (!item) {
      const like = items[0]?.id
      throw new UsageError(
        `Cannot grade line ${i + 1} of ${path}: ${name} has no item ${JSON.stringify(found.id)}; its ids are like ${like}`,
      )
    }
    return [{ ...found, item }]
  })
  if (jobs.length === 0) throw new UsageError(`Cannot grade ${path}: it has no completions`)
  return jobs
}

function parsed(line: string): { id: string; completion: string } | null {
  try {
    const { id, completion } = JSON.parse(line) ?? {}
    return typeof id === 'string' && typeof completion === 'string' ? { id, completion } : null
  } catch {
    return null
  }
}

/** Verdicts in the order of the completions; the file is whole or not there. */
function write(path: string, jobs: readonly Job[], grades: readonly Grade[]): void {
  const lines = jobs.map(({ id }, i) => `${JSON.stringify({ id, ...grades[i] })}\n`).join('')
  if (path === '-') process.stdout.write(lines)
  else writeWhole(path, lines)
}

function suiteOf(args: Args) {
  const name = args.flags.get('suite') ?? ''
  if (isSuite(name)) return name
  throw new UsageError(
    `Cannot grade completions for suite ${name || '(none)'}: give one of ${suiteNames.join(', ')}`,
  )
}

export async function gradeCompletions(args: Args): Promise<number> {
  const { flags } = args
  const name = suiteOf(args)
  const options = { since: flags.get('since'), until: flags.get('until') }
  const model = flags.get('model') ?? 'models/micro'
  const benchmark = await openBenchmark(name, { data: dataOf(args), model, ...options })
  const jobs = readJobs(resolve(flags.get('completions') ?? ''), benchmark)
  const out = flags.get('out')
  if (out && out !== '-' && !existsSync(dirname(resolve(out)))) {
    throw new UsageError(`Cannot write verdicts to ${out}: its folder is not there`)
  }
  const workers = availableParallelism()
  const graders = createGraders(openSandboxes(workers), referenceFolder)
  const terminal = createTerminal(process.stderr)
  const began = performance.now()
  const grades: Grade[] = []
  const cancel = new AbortController()
  const interrupted = new Promise<number>(done => {
    process.once('SIGINT', () => done(130))
    process.once('SIGTERM', () => done(143))
  })
  const work = async (): Promise<number> => {
    let next = 0
    let graded = 0
    const order = await graders.longestFirst(
      benchmark,
      jobs.map(({ item }) => item),
    )
    const lane = async () => {
      for (let at = order[next++]; at !== undefined; at = order[next++]) {
        const { item, completion } = jobs[at] as Job
        grades[at] = await graders.grade(benchmark, item, completion, cancel.signal)
        graded++
        const left = ((performance.now() - began) / graded) * (jobs.length - graded)
        terminal.status(`${name}: ${graded} of ${jobs.length}, ${span(left)} left`)
      }
    }
    await Promise.all(Array.from({ length: 2 * workers + 2 }, lane))
    return 0
  }
  try {
    const code = await Promise.race([work(), interrupted])
    if (code !== 0) return code
  } finally {
    cancel.abort()
    await graders.stop()
    terminal.close()
  }
  if (out) write(out === '-' ? out : resolve(out), jobs, grades)
  const seconds = (performance.now() - began) / 1000
  const tally = tallyGrades(jobs.map(({ id }, i) => ({ id, grade: grades[i] as Grade })))
  for (const line of verdictLines(name, tally, benchmark.items.length, seconds)) terminal.line(line)
  if (flags.has('json') && out !== '-')
    process.stdout.write(`${jsonText({ suite: name, ...tally })}\n`)
  return 0
}
