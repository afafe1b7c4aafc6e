/**
 * A benchmark as a held-out suite of self-play: its items in the order of the file, under the kind
 * of reasoning that they ask for, and what a model is asked for each.
 */

import type { Dialect } from '../../domain/prompts/dialect.ts'
import type { Kind, Task } from '../../domain/task.ts'
import type { Benchmark } from './benchmark.ts'
import type { Suite } from './micro/suites.ts'
import { contestPrompt, functionPrompt, mathPrompt } from './prompts.ts'

/** Programs are written as in induction; what follows from a problem is deduced. */
export function kindOf({ name, family }: Benchmark): Kind {
  if (name === 'cruxeval_i') return 'abduction'
  return family === 'evalplus' || family === 'livecodebench' ? 'induction' : 'deduction'
}

function taskOf(kind: Kind, item: Benchmark['items'][number]): Task {
  const { id } = item
  const [program, input, output] =
    'code' in item ? [item.code, item.input, item.output] : ['', '', '']
  return {
    id,
    kind,
    program,
    normalized: program,
    message: '',
    hash: id,
    pairs: [{ input, output, canonical: '' }],
  }
}

export function suiteOf(benchmark: Benchmark): Suite {
  const kind = kindOf(benchmark)
  const suite: Suite = { deduction: [], abduction: [], induction: [], benchmark }
  suite[kind] = benchmark.items.map(item => taskOf(kind, item))
  return suite
}

export function promptOf(suite: Suite, task: Task, index: number, dialect: Dialect): string {
  const { benchmark } = suite
  switch (benchmark?.family) {
    case 'evalplus': {
      const item = benchmark.items[index]
      return functionPrompt(item?.prompt ?? '')
    }
    case 'livecodebench': {
      const item = benchmark.items[index]
      return contestPrompt(item?.question ?? '', item?.starter ?? '')
    }
    case 'math':
      return mathPrompt(benchmark.items[index]?.problem ?? '')
    default:
      return dialect.solverPrompt(task)
  }
}
