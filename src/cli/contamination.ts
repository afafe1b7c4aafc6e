/** `azr contamination RUN`: what a run's proposed tasks share with the benchmarks. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { createTerminal } from '../../lib/terminal.ts'
import { writeWhole } from '../../lib/whole-file.ts'
import { openForReading } from '../../state/database.ts'
import { existingRun } from '../../state/open.ts'
import { proposedPairs, proposedPrograms } from '../../state/reader-programs.ts'
import { type Contamination, contaminationOf } from '../benchmarks/contamination/index.ts'
import { benchmarkNames, benchmarks, findBenchmark } from '../benchmarks/index.ts'
import type { OwnBenchmark } from '../benchmarks/own.ts'
import { openBenchmark } from '../benchmarks/suites.ts'
import { contaminationLines } from '../report/contamination.ts'
import { openSandboxes } from '../run/sandboxes.ts'
import { type Args, type CommandSpec, dataOf, homeOf, numberOf } from './args.ts'

export const spec: CommandSpec = {
  name: 'contamination',
  summary: 'Finds what the tasks that a run proposed share with the benchmarks.',
  positions: ['RUN'],
  flags: {
    data: { value: 'DIR', about: 'folder of the benchmarks (HOME/data)' },
    suite: { value: 'NAME,…', about: 'default: every fetched benchmark, CRUXEval once' },
    ngram: { value: 'N', about: 'tokens in a row that count as shared (10)' },
    programs: { value: 'N', about: 'programs to run on the items’ inputs (200; 0: none)' },
  },
  detail: [
    'words: runs of N tokens of accepted programs, as written; shape: the same without names',
    'question: the same input and output as an item of CRUXEval',
    'behaviour: on several of the item’s inputs the program returns what the canonical ' +
      'solution returns',
    'writes RUN/contamination.json, which `azr report` shows',
  ].join('\n'),
}

function comparedOf({ flags }: Args, data: string): OwnBenchmark[] {
  const given = flags.get('suite')
  if (given) {
    return given.split(',').map(name => {
      const found = findBenchmark(name)
      if (found) return found
      throw new UsageError(
        'suite-unknown',
        `Cannot compare with ${name}: give some of ${benchmarkNames.join(', ')}`,
      )
    })
  }
  const fetched = benchmarks.filter(({ source: { folder } }) => {
    return folder !== '' && existsSync(join(data, folder))
  })
  // If several read the same files, like the two of CRUXEval, only the last counts.
  const found = [...new Map(fetched.map(one => [one.source.folder, one])).values()]
  if (found.length > 0) return found
  throw new UsageError(
    'benchmark-missing',
    `Cannot compare with benchmarks as there is none in ${data}: fetch one (\`azr data ` +
      'list`), or name a folder with --data DIR',
  )
}

function readProposed(home: string, name: string) {
  const { client, db } = openForReading(join(existingRun(home, name), 'run.db'))
  try {
    return { programs: proposedPrograms(db), pairs: proposedPairs(db) }
  } finally {
    client.close()
  }
}

/** A given number of them, spread evenly over the run. */
function spread<T>(all: readonly T[], count: number): T[] {
  const every = Math.max(1, all.length / Math.max(1, count))
  const places = Array.from({ length: Math.min(count, all.length) }, (_, i) =>
    Math.floor(i * every),
  )
  return places.map(at => all[at] as T)
}

export async function run(args: Args): Promise<number> {
  const home = homeOf(args)
  const name = args.positions[0] as string
  const data = dataOf(args)
  const proposed = readProposed(home, name)
  const compared = comparedOf(args, data)
  const ngram = numberOf(args, 'ngram', 2) ?? 10
  const chosen = spread(proposed.programs, numberOf(args, 'programs', 0) ?? 200)
  const workers = availableParallelism()
  const open = openSandboxes(workers)
  const sandbox = await open('standard')
  const terminal = createTerminal(process.stderr)
  const found: Contamination[] = []
  try {
    for (const benchmark of compared) {
      const { items } = await openBenchmark(benchmark, { data, model: '' })
      let done = 0
      const onProgram = () =>
        terminal.status(`${benchmark.name}: ${++done} of ${chosen.length} programs run`)
      const options = { sandbox, atOnce: 2 * workers, onProgram, ngram, run: chosen }
      found.push(await contaminationOf(benchmark, items, proposed, options))
    }
  } finally {
    terminal.close()
    await sandbox.stop()
  }
  const result = { run: name, ngram, programs: proposed.programs.length, suites: found }
  const path = join(home, name, 'contamination.json')
  writeWhole(path, `${JSON.stringify(result)}\n`)
  if (args.flags.has('json')) process.stdout.write(`${JSON.stringify(result)}\n`)
  else process.stdout.write(`${contaminationLines(result).join('\n')}\n`)
  return 0
}
