/**
 * LiveCodeBench's code execution: the result of a function's call. We ask for an output, as
 * self-play does. The published code asks for the input and calls that deduction.
 */
import { gradeExecution } from '../cruxeval/grade.ts'
import { toTask } from '../micro/task.ts'
import type { OwnBenchmark, Source } from '../own.ts'
import { readItems } from '../read.ts'

export type ExecutionItem = { id: string; code: string; input: string; output: string }

const source: Source = {
  licence: 'cc; problems belong to the contest sites',
  home: 'https://huggingface.co/datasets/livecodebench/execution-v2',
  pins: [],
  byHand:
    "python -c \"import pandas; pandas.read_parquet('FILE.parquet').to_json(" +
    "'livecodebench_execution.jsonl', orient='records', lines=True)\"",
  folder: 'livecodebench_execution',
}

/** Renames the function in `code` to `f`, and takes the arguments out of `input`. */
export function readExecution(line: string): ExecutionItem {
  const { id, code, input, output } = JSON.parse(line) as Record<string, string>
  const call = /^\s*(\w+)\s*\(([\s\S]*)\)\s*$/.exec(input ?? '')
  if (!id || !code || output === undefined || !call)
    throw new TypeError('it is not a call of a function')
  const [, name, inner] = call as unknown as [string, string, string]
  const renamed = code.replace(new RegExp(`(?<![.\\w])${name}(?=\\s*\\()`, 'g'), 'f')
  return { id: String(id), code: renamed.trim(), input: inner.trim(), output }
}

const taskOf = ({ id, code, input, output }: ExecutionItem) =>
  toTask({ id, kind: 'deduction', program: code, pairs: [{ input, output }] })

export const execution: OwnBenchmark<ExecutionItem> = {
  name: 'livecodebench_execution',
  about: 'LiveCodeBench code execution: what a call returns',
  group: 'crux',
  kind: 'deduction',
  source,
  items: ({ folder }) => readItems('livecodebench_execution', folder, readExecution),
  prompt: (item, dialect) => dialect.solverPrompt(taskOf(item)),
  grade: (item, completion, tools) => gradeExecution('output', item, completion, tools),
  comparison: {
    isCode: true,
    textOf: ({ code }) => code,
    pairOf: ({ input, output }) => ({ input, output }),
  },
}
