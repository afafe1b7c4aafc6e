/**
 * CRUXEval: asks for a program's output, or for an input that gives an output, in the prompts of
 * self-play.
 */
import { readFileSync } from 'node:fs'
import { filledLines } from '../../../lib/lines.ts'
import { toTask } from '../micro/task.ts'
import type { OwnBenchmark, Source } from '../own.ts'
import { readItems } from '../read.ts'
import { behaviour } from './behaviour.ts'
import { type CruxevalItem, gradeExecution } from './grade.ts'

/** The fields of a line, as published and as read. */
function readItem(line: string): CruxevalItem {
  const { id, code, input, output } = JSON.parse(line)
  return { id, code, input, output }
}

const source: Source = {
  licence: 'MIT',
  home: 'https://github.com/facebookresearch/cruxeval',
  pins: [
    {
      url:
        'https://raw.githubusercontent.com/facebookresearch/cruxeval/' +
        '190faf16d175b5847b0af05d937872b1fb395942/data/cruxeval.jsonl',
      size: 186_873,
      sha256: '8368b81047dc5014e4caf5a2f97604eff7644e0ecd7415e3ceeb184bbc2e0c96',
    },
  ],
  folder: 'cruxeval',
  convert: path =>
    filledLines(readFileSync(path, 'utf8'))
      .map(({ text }) => `${JSON.stringify(readItem(text))}\n`)
      .join(''),
}

type Asks = {
  name: string
  about: string
  /** The part that is asked for, and the kind of task that asks for it. */
  asks: 'input' | 'output'
  kind: 'abduction' | 'deduction'
}

function benchmark({ name, about, asks, kind }: Asks): OwnBenchmark<CruxevalItem> {
  const taskOf = ({ id, code, input, output }: CruxevalItem) =>
    toTask({ id, kind, program: code, pairs: [{ input, output }] })
  return {
    name,
    about,
    group: 'crux',
    kind,
    source,
    items: ({ folder }) => readItems(name, folder, readItem),
    prompt: (item, dialect) => dialect.solverPrompt(taskOf(item)),
    grade: (item, completion, tools) => gradeExecution(asks, item, completion, tools),
    kept(item, dialect) {
      const { code, input, output } = item
      const question = dialect.solverPrompt(taskOf(item))
      return { program: code, pairs: [{ input, output }], question }
    },
    comparison: {
      isCode: true,
      textOf: ({ code }) => code,
      pairOf: ({ input, output }) => ({ input, output }),
      behaviour,
    },
  }
}

export const cruxeval = [
  benchmark({
    name: 'cruxeval_i',
    about: 'CRUXEval: an input that gives the output',
    asks: 'input',
    kind: 'abduction',
  }),
  benchmark({
    name: 'cruxeval_o',
    about: 'CRUXEval: the output for an input',
    asks: 'output',
    kind: 'deduction',
  }),
]
