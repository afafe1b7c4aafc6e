/** Held-out suites as they lie beside the model, in JSON lines. Not here: answering them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../../domain/errors.ts'
import { hashOf } from '../../../domain/hash.ts'
import type { Kind, Task } from '../../../domain/task.ts'
import { root } from '../../config/paths.ts'
import type { Benchmark } from '../benchmark.ts'

type Line = {
  id: string
  kind: Kind
  program: string
  input?: string
  output?: string
  inputs?: string[]
  outputs?: string[]
}

/** Items of a suite by kind, in the order of the file. Canonical texts are read when needed. */
export type Suite = Record<Kind, Task[]> & {
  /** Where its items are those of a benchmark, in the same order: it has a grader of its own. */
  benchmark?: Benchmark
}

type Item = Pick<Task, 'id' | 'kind' | 'program'> & { pairs: { input: string; output: string }[] }

export function toTask({ id, kind, program, pairs }: Item): Task {
  const read = pairs.map(pair => ({ ...pair, canonical: '' }))
  // Not its id: two suites, or two kinds of one, may have the same.
  const hash = hashOf([kind, program, pairs])
  return { id, kind, program, normalized: program, pairs: read, message: '', hash }
}

function toItem({ id, kind, program, ...line }: Line): Item {
  const inputs = line.inputs ?? [line.input ?? '']
  const outputs = line.outputs ?? [line.output ?? '']
  return {
    id,
    kind,
    program,
    pairs: inputs.map((input, i) => ({ input, output: outputs[i] ?? '' })),
  }
}

const ownSuites = join(root, 'models', 'micro', 'suites')

function suitePath(model: string, name: string): string {
  const folders = [join(model, 'suites'), ownSuites]
  const found = folders.map(folder => join(folder, `${name}.jsonl`)).find(existsSync)
  if (found) return found
  const known = folders
    .flatMap(folder => (existsSync(folder) ? readdirSync(folder) : []))
    .flatMap(file => (file.endsWith('.jsonl') ? [file.slice(0, -'.jsonl'.length)] : []))
  const names = [...new Set(known)].join(', ')
  throw new UsageError(`Cannot find suite ${name}: there are ${names || 'none'}`)
}

/** Reads a suite from beside the model, or from those that come with azr. */
export function readSuite(model: string, name: string): Suite {
  const path = suitePath(model, name)
  const suite: Suite = { deduction: [], abduction: [], induction: [] }
  for (const text of readFileSync(path, 'utf8').split('\n')) {
    if (text.trim() === '') continue
    const line = JSON.parse(text) as Line
    suite[line.kind].push(toTask(toItem(line)))
  }
  return suite
}
