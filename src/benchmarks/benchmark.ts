/** A benchmark as it lies in a data folder: its items, read and checked. Not here: grading them. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { type Kind, kinds, type Task } from '../../domain/task.ts'
import { type CruxevalItem, readCruxevalItem } from './cruxeval/grade.ts'
import { type EvalplusItem, readEvalplusItem } from './evalplus/grade.ts'
import { placedLines, smallFile } from './lines.ts'
import { type LivecodebenchItem, readLivecodebenchItem } from './livecodebench/grade.ts'
import { type MathItem, readMathItem } from './math/grade.ts'
import { readSuite } from './micro/suites.ts'
import { type SuiteName, type SuiteSpec, suiteSpecs } from './specs.ts'

export type Benchmark = { name: SuiteName } & (
  | { family: 'evalplus'; items: EvalplusItem[] }
  | { family: 'livecodebench'; items: LivecodebenchItem[] }
  | { family: 'math'; items: MathItem[] }
  | { family: 'cruxeval'; items: CruxevalItem[] }
  | { family: 'micro'; items: Task[] }
)
export type BenchmarkItem = Benchmark['items'][number]

export type BenchmarkOptions = {
  /** Where sets lie: `NAME/NAME.jsonl`. */
  data: string
  /** The model's folder, beside which it may have suites of its own. */
  model: string
  /** Days of the contests, both included: LiveCodeBench only. */
  since?: string | null
  until?: string | null
}

const missing = (name: string, folder: string) =>
  new UsageError(
    `Cannot find the items of ${name} in ${folder}: fetch them with \`azr data fetch ${name}\`, or ` +
      'name the folder that has them with --data DIR',
  )

function readAll<T>(name: string, folder: string, read: (line: string) => T): T[] {
  const lines = smallFile(join(folder, suiteSpecs[name as SuiteName].folder))
  if (!lines) throw missing(name, folder)
  return lines.map((line, i) => {
    try {
      return read(line)
    } catch (error) {
      throw new UsageError(`Cannot read line ${i + 1} of ${name} in ${folder}`, { cause: error })
    }
  })
}

/** In the order of their ids, as LiveCodeBench has it; tests stay in the file until they are needed. */
async function readLivecodebench(folder: string, { since, until }: BenchmarkOptions) {
  const files = existsSync(folder)
    ? readdirSync(folder).filter(file => file.endsWith('.jsonl'))
    : []
  if (files.length === 0) throw missing('livecodebench', folder)
  const items: LivecodebenchItem[] = []
  for (const file of files.sort()) {
    const path = join(folder, file)
    for await (const line of placedLines(path)) {
      if (line.text.trim() === '') continue
      const item = readLivecodebenchItem(line, path)
      if (item.date >= (since ?? '') && item.date <= (until ?? '9999')) items.push(item)
    }
  }
  return items.sort((a, b) => (a.id < b.id ? -1 : 1))
}

export async function openBenchmark(
  name: SuiteName,
  options: BenchmarkOptions,
): Promise<Benchmark> {
  const spec: SuiteSpec = suiteSpecs[name]
  const folder = join(options.data, spec.folder)
  switch (spec.family) {
    case 'evalplus':
      return { name, family: 'evalplus', items: readAll(name, folder, readEvalplusItem) }
    case 'livecodebench':
      return { name, family: 'livecodebench', items: await readLivecodebench(folder, options) }
    case 'math':
      return { name, family: 'math', items: readAll(name, folder, readMathItem) }
    case 'cruxeval':
      return { name, family: 'cruxeval', items: readAll(name, folder, readCruxevalItem) }
    case 'micro': {
      const suite = readSuite(options.model, name)
      return { name, family: 'micro', items: kinds.flatMap((kind: Kind) => suite[kind]) }
    }
  }
}
