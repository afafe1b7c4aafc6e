/**
 * The learning benchmark: whether self-play raises the accuracy of the embedded model, and how much
 * of that control arms gain too. `npm run bench:learning -- --help` lists the flags. It runs the
 * arms as resumable children, and makes the table. The arms are in learning/arms.ts.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { signalPrograms } from '../lib/programs.ts'
import type { Arm } from './learning/arms.ts'
import type { Measured } from './learning/cells.ts'
import { checksOf } from './learning/checks.ts'
import { plotsOf } from './learning/course.ts'
import { carryOut, scoreStart } from './learning/jobs.ts'
import { markdownOf, type Report } from './learning/markdown.ts'
import { measure, trainingMinutes } from './learning/measure.ts'
import { type Options, readOptions, spec } from './learning/options.ts'
import { itemsOf, readRecords, writeRecord } from './learning/records.ts'
import { differences, tableOf } from './learning/table.ts'
import { helpOf, orRefuse } from './options.ts'

const say = (text: string) => process.stderr.write(`${text}\n`)

/** Seed by seed, so that an early stop leaves comparable arms. Supervised arms come last. */
function jobsOf({ arms, seeds }: Options): { arm: string; seed: number }[] {
  const order = Object.keys(arms).sort(
    (a, b) => Number(arms[a]?.isSupervised ?? false) - Number(arms[b]?.isSupervised ?? false),
  )
  const isLast = (arm: string) => arms[arm]?.isSupervised ?? false
  const of = (names: string[]) => seeds.flatMap(seed => names.map(arm => ({ arm, seed })))
  return [...of(order.filter(arm => !isLast(arm))), ...of(order.filter(isLast))]
}

const isRecorded = (options: Options, arm: string, seed: number) =>
  readRecords(options).find(arm, seed) !== undefined

/**
 * The result of this run, from the record or from its folder if it is finished. Then it is
 * recorded.
 */
function resultOf(options: Options, arm: string, seed: number): Measured[] {
  const records = readRecords(options)
  const known = records.find(arm, seed)
  if (known) return [known]
  const found = measure(options, arm, seed, records)
  if (!found || found.end.length === 0) return []
  writeRecord(options, options.arms[arm] as Arm, found)
  return [found]
}

async function carryOutAll(options: Options): Promise<number> {
  const jobs = jobsOf(options).filter(({ arm, seed }) => !isRecorded(options, arm, seed))
  try {
    if (jobs.length > 0 && !readRecords(options).forcedStart()) await scoreStart(options)
  } catch (error) {
    say(`the start is not scored: ${(error as Error).message}`)
    return 1
  }
  let failed = 0
  const worker = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const { arm, seed } = job
      const records = readRecords(options)
      const full = options.seeds.flatMap(one => records.find('full', one) ?? [])
      const minutes = options.minutes ?? trainingMinutes(full)
      try {
        say(await carryOut(options, arm, seed, records, minutes))
        resultOf(options, arm, seed)
      } catch (error) {
        failed += 1
        say(`${arm}-${seed} is not finished: ${(error as Error).message}`)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, options.jobs) }, worker))
  return failed
}

const someOf = (items: number | null) =>
  items === null ? 'in full' : `the first ${items} items of each kind`

/** The items that the arms were scored on. Some arms may have fewer items, and so other starts. */
function scoredOn({ arms, items }: Options): string {
  const byItems = Map.groupBy(Object.keys(arms), arm => itemsOf({ items }, arms[arm] as Arm))
  byItems.delete(items)
  const apart = [...byItems].map(([some, names]) => `; ${names.join(', ')} on ${someOf(some)}`)
  return `${someOf(items)}${apart.join('')}${apart.length > 0 ? ', so that their starts have other figures' : ''}`
}

function aboutOf(options: Options): string {
  const parts = options.isDev ? 'the dev suites (for tuning, not the figure)' : 'the test suites'
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores`
  return (
    `On ${parts}, ${scoredOn(options)}. ${machine}; Node ${process.versions.node}. Scores are ` +
    'means over seeds. Made by `npm run bench:learning`; `bench/learning/arms.ts` describes ' +
    'each arm.'
  )
}

function reportOf(options: Options): Report {
  const { arms, seeds, suites } = options
  const measured = Object.keys(arms).flatMap(arm =>
    seeds.flatMap(seed => resultOf(options, arm, seed)),
  )
  const lines = tableOf(measured, suites)
  const found = differences(measured, suites, 'full')
  const checks = checksOf(measured, lines, found, suites)
  return { about: aboutOf(options), suites, measured, lines, differences: found, checks }
}

function write(options: Options, report: Report): void {
  const text = markdownOf(report)
  mkdirSync(options.out, { recursive: true })
  const path = join(options.out, options.isDev ? 'learning-dev' : 'learning')
  writeFileSync(`${path}.md`, text)
  // Leaves out items' shares, which would be a thousand numbers for each cell. The runs have them.
  const slim = (cells: Report['measured'][number]['start']) =>
    cells.map(({ shares: _, ...cell }) => cell)
  const measured = report.measured.map(({ curve: _, course: __, ...run }) => ({
    ...run,
    start: slim(run.start),
    end: slim(run.end),
  }))
  writeFileSync(`${path}.json`, `${JSON.stringify({ ...report, measured }, null, 1)}\n`)
  for (const run of report.measured.filter(({ arm }) => arm === 'long')) {
    for (const [name, svg] of Object.entries(plotsOf(run))) {
      writeFileSync(join(options.out, `long-${run.seed}-${name}.svg`), `${svg}\n`)
    }
  }
  process.stdout.write(text)
  say(`written to ${path}.md and .json`)
}

const options = orRefuse(spec.command, () => readOptions(process.argv.slice(2)))
if (options === null) process.stdout.write(helpOf(spec))
else {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Interrupted runs can be resumed.
    process.on(signal, () => signalPrograms('SIGINT'))
  }
  const failed = options.isTable ? 0 : await carryOutAll(options)
  const report = reportOf(options)
  if (report.measured.length > 0) write(options, report)
  else say('nothing is finished yet: repeat the command')
  if (failed > 0) process.exitCode = 1
}
