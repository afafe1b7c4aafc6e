/**
 * Suites of self-play tasks: two that come with the embedded model, and those in a model's folder,
 * `suites/NAME.jsonl`. A run stores them whole, and judges them like its own tasks.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../../domain/errors.ts'
import type { Task } from '../../../domain/task.ts'
import { filledLines } from '../../../lib/lines.ts'
import { root } from '../../config/paths.ts'
import { type OwnBenchmark, ours } from '../own.ts'
import { gradeTask } from './grade.ts'
import { toTask } from './task.ts'

type Line = Pick<Task, 'id' | 'kind' | 'program'> & {
  input?: string
  output?: string
  inputs?: string[]
  outputs?: string[]
}

function readTask({ id, kind, program, ...line }: Line): Task {
  const inputs = line.inputs ?? [line.input ?? '']
  const outputs = line.outputs ?? [line.output ?? '']
  const pairs = inputs.map((input, i) => ({ input, output: outputs[i] ?? '' }))
  return toTask({ id, kind, program, pairs })
}

const ownSuites = join(root, 'models', 'micro', 'suites')

function pathOf(model: string, name: string): string {
  const folders = [join(model, 'suites'), ownSuites]
  const found = folders.map(folder => join(folder, `${name}.jsonl`)).find(existsSync)
  if (found) return found
  const known = folders
    .flatMap(folder => (existsSync(folder) ? readdirSync(folder) : []))
    .flatMap(file => (file.endsWith('.jsonl') ? [file.slice(0, -'.jsonl'.length)] : []))
  const names = [...new Set(known)].join(', ')
  throw new UsageError('suite-unknown', `Cannot find suite ${name}: there are ${names || 'none'}`)
}

const readTasks = (path: string): Task[] =>
  filledLines(readFileSync(path, 'utf8')).map(({ text }) => readTask(JSON.parse(text)))

const bare = ({ pairs }: Pick<Task, 'pairs'>) =>
  pairs.map(({ input, output }) => ({ input, output }))

export function tasksBeside(
  name: string,
  about = "tasks in the model's folder",
): OwnBenchmark<Task> {
  return {
    name,
    about,
    group: 'micro',
    source: ours,
    items: ({ model }) => readTasks(pathOf(model, name)),
    prompt: (task, dialect) => dialect.solverPrompt(task),
    grade: gradeTask,
    taskOf: task => task,
    kept: task => ({ program: task.program, pairs: bare(task), question: '' }),
    restore: rows => rows.map(toTask),
    comparison: { isCode: true, textOf: ({ program }) => program },
  }
}

export const micro = [
  tasksBeside('micro-easy', "the embedded model's own suite, short programs"),
  tasksBeside('micro-hard', "the embedded model's own suite, longer programs"),
]
