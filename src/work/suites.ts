/** Held-out suites: read from JSON lines beside the model, answered and judged like any task. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FromEvaluator, FromExecutor, ItemOrder, Verdict } from '../../actors/messages.ts'
import type { EvaluationItemRow } from '../../state/types.ts'
import { hashOf } from '../domain/hash.ts'
import { parseKey } from '../domain/key.ts'
import type { Kind, Task } from '../domain/task.ts'
import { UsageError } from '../errors.ts'
import { root } from '../paths.ts'
import { executionWrites, judgeAnswer } from './answer.ts'
import type { Ports } from './ports.ts'
import { sampleRollout } from './sample.ts'

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
export type Suite = Record<Kind, Task[]>

function toTask({ id, kind, program, ...line }: Line): Task {
  const inputs = line.inputs ?? [line.input ?? '']
  const outputs = line.outputs ?? [line.output ?? '']
  const pairs = inputs.map((input, i) => ({ input, output: outputs[i] ?? '', canonical: '' }))
  return { id, kind, program, normalized: program, pairs, message: '', hash: id }
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
    suite[line.kind].push(toTask(line))
  }
  return suite
}

export function itemOf(ports: Ports, order: ItemOrder): Task {
  const task = ports.suites.get(order.suite)?.[order.kind][order.item]
  if (!task) throw new Error(`Cannot find item ${order.item} of ${order.suite}, ${order.kind}`)
  return task
}

/** Expected outputs are read by the front as literals, once. */
async function withCanonical(ports: Ports, task: Task, signal: AbortSignal): Promise<Task> {
  for (const pair of task.pairs) {
    if (pair.canonical !== '') continue
    const literal = await ports.sandbox.readLiteral(pair.output, signal)
    if (!literal.ok) throw new Error(`Cannot use item ${task.id}: its output is no literal`)
    pair.canonical = literal.canonical
  }
  return task
}

export async function attemptItem(
  ports: Ports,
  order: ItemOrder,
  policyVersion: number,
  signal: AbortSignal,
): Promise<FromEvaluator> {
  const { id, kind, mode } = order
  const prompt = ports.dialect.solverPrompt(itemOf(ports, order))
  const temperature = mode === 'greedy' ? 0 : 1
  const { maxTokens } = ports.config.evaluate
  const want = { id, role: 'solver', kind, task: null, prompt, policyVersion } as const
  await sampleRollout(ports, { ...want, temperature, topP: 1, maxTokens }, signal)
  return { type: 'item.attempted', order }
}

export async function gradeItem(
  ports: Ports,
  order: ItemOrder,
  signal: AbortSignal,
): Promise<FromExecutor> {
  const { store } = ports
  const { id, suite, kind, mode, item } = order
  const rollout = store.cached('rollouts', id)
  if (!rollout) throw new Error(`Cannot grade item ${id} as it was not attempted`)
  const input_hash = hashOf([rollout.text, suite, kind, item])
  const row = await store.memo('evaluation_items', id, input_hash, async () => {
    const task = await withCanonical(ports, itemOf(ports, order), signal)
    const judged = await judgeAnswer(ports, id, task, rollout, signal)
    const { verdict, parsed: extracted, reason: detail, executions } = judged
    const { step } = parseKey(id)
    const made: EvaluationItemRow = {
      id,
      step,
      suite,
      kind,
      mode,
      item,
      verdict,
      extracted,
      detail,
      input_hash,
    }
    return { row: made, also: executionWrites(executions) }
  })
  return { type: 'item.graded', order, verdict: row.verdict as Verdict }
}

/** One row per suite, kind and mode, from the verdicts of its items. */
export async function scoreSuites(ports: Ports, step: number): Promise<void> {
  const groups = new Map<string, EvaluationItemRow[]>()
  for (const row of ports.store.rowsOf('evaluation_items')) {
    const key = `${row.suite}/${row.kind}/${row.mode}`
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  const rows = [...groups.values()].map(members => {
    const { suite, kind, mode } = members[0] as EvaluationItemRow
    const judged = members.filter(({ verdict }) => verdict !== 'ungraded')
    const correct = judged.filter(({ verdict }) => verdict === 'correct').length
    const accuracy = judged.length === 0 ? 0 : correct / judged.length
    return { suite, step, kind, mode, items: judged.length, correct, accuracy }
  })
  const stored = await ports.store.read.evaluations()
  if (stored.some(row => row.step === step)) return
  await ports.store.write(rows.map(row => ({ table: 'evaluations', row })))
}
