/** Makes a stored run of many steps and rollouts from rows, as a long run would leave it. */
import { formatIndex, formatKey, formatStep } from '../../domain/key.ts'
import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import type { Kind } from '../../domain/task.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type OpenRun, openRun } from '../../state/open.ts'
import type { Write } from '../../state/types.ts'

const proposalsOfKind = 67
const answersOfTask = 5
const itemsOfKind = 500
const stepsBetween = 50

const ids = new Uint8Array(new Int32Array([15, 20, 34, 7]).buffer)
const logprobs = new Uint8Array(new Float32Array([-0.1, -0.5, -1, -2]).buffer)

function rolloutOf(
  step: number,
  kind: Kind,
  id: string,
  role: 'proposer' | 'solver',
  hash: string,
): Write[] {
  const isRight = id.length % 2 === 0 || id.endsWith('0')
  const common = { id, step, kind, role, input_hash: 'h' }
  const purpose = role === 'proposer' ? ('propose' as const) : ('estimate' as const)
  const sampled = { seed: 1, temperature: 1, sample_ms: 12.5, policy_version: step }
  const verdict = role === 'proposer' ? 'accepted' : isRight ? 'correct' : 'wrong'
  const rate = role === 'proposer' ? ((step + hash.length + id.charCodeAt(28)) % 9) / 8 : null
  const graded = { success_rate: rate, learnability: null, reward: 0.5, reason: null }
  return [
    {
      table: 'rollouts',
      row: {
        ...common,
        ...sampled,
        purpose,
        task_hash: hash,
        prompt_hash: 'p',
        ids,
        logprobs,
        text: `def f(a):\n x = a + ${step}\n return [x, ${hash}]`,
        finish_reason: 'stop',
      },
    },
    { table: 'grades', row: { ...common, ...graded, parsed: '[14, 3]', verdict } },
  ]
}

/** The answers of one task as the learner got them. */
const trained = (step: number, first: number, answers: string[]): Write[] =>
  answers.map((rollout_id, n) => {
    const row = { step, position: first + n, rollout_id, advantage: n - 1.5, weight: 1 }
    return { table: 'update_items', row: { ...row, minibatch: 0 } }
  })

/** Held-out scores of a step, item by item. */
function scoredRows(step: number): Write[] {
  return kinds.flatMap(kind => {
    const common = { suite: 'micro-easy', step, made_in: step, kind, mode: 'greedy' as const }
    const correct = Math.round(itemsOfKind * (0.3 + step / 5000))
    const items = Array.from({ length: itemsOfKind }, (_, item): Write => {
      const group = `micro-easy:${kind}:greedy`
      const id = formatKey({ step, purpose: 'evaluate', kind: group, index: item, sample: 0 })
      const verdict = item < correct ? 'correct' : 'wrong'
      return {
        table: 'evaluation_items',
        row: { ...common, id, item, verdict, input_hash: 'h', scratch: false },
      }
    })
    const counts = { items: itemsOfKind, samples: 1, correct, passed: correct, deviation: 0.5 }
    const row = { ...common, ...counts, accuracy: correct / itemsOfKind, scratched: 0, cut: 0 }
    return [...items, { table: 'evaluations', row }]
  })
}

function stepRows(step: number): Write[] {
  const work = kinds.flatMap(kind =>
    Array.from({ length: proposalsOfKind }, (_, i): Write[] => {
      const id = formatKey({ step, purpose: 'propose', kind, index: i, sample: 0 })
      const hash = `${formatStep(step)}${kind[0]}${formatIndex(i)}`
      const program = `def f(a):\n x = a + ${step}\n return [x, ${i}]`
      const task = { program, normalized: program, message: '', reason: null, input_hash: 'h' }
      const pairs = [{ input: String(i), output: '[14, 3]', canonical: '[14,3]' }]
      const judged = { verdict: 'accepted' as const, purpose: 'propose', hash, pairs }
      const answers = Array.from({ length: answersOfTask - 1 }, (_, n) =>
        formatKey({ step, purpose: 'estimate', kind, index: hash, sample: n }),
      )
      const place = (kinds.indexOf(kind) * proposalsOfKind + i) * answers.length
      const told = { at_ms: 9000 * step, sender: 'run', receiver: 'proposer', body: null }
      return [
        { table: 'tasks', row: { ...task, ...judged, id, step, kind } },
        { table: 'messages', row: { ...told, type: 'task.propose', item_id: id } },
        ...rolloutOf(step, kind, id, 'proposer', hash),
        ...answers.flatMap(answer => rolloutOf(step, kind, answer, 'solver', hash)),
        ...trained(step, place, answers),
      ]
    }).flat(),
  )
  const names = ['accuracy', 'learnable', 'valid', 'success', 'duplicates', 'buffer'].flatMap(
    name => [...kinds, 'all'].map(kind => `${name}.${kind}`),
  )
  const roles = ['reward', 'length', 'truncated'].flatMap(name =>
    ['solver', 'proposer'].flatMap(role =>
      [...kinds, 'all'].map(kind => `${name}.${role}.${kind}`),
    ),
  )
  const figures = [...names, ...roles, 'entropy', 'loss', 'gradient.norm', 'mismatch.kl']
  const count = proposalsOfKind * kinds.length
  const counts = { proposals: count, accepted: count, rollouts: count * answersOfTask }
  const times = {
    wall_ms: 9000,
    rolling_ms: 5000,
    learner_ms: 3000,
    evaluate_ms: 500,
    own_cpu_ms: 900,
  }
  const row = { step, policy_version: step, ...counts, executions: count, trained: count, ...times }
  return [
    ...work,
    ...(step % stepsBetween === 0 ? scoredRows(step) : []),
    ...figures.map((name, i): Write => {
      const value = 0.5 + 0.3 * Math.sin(step / 50 + i)
      return { table: 'metrics', row: { step, made_in: step, name, value } }
    }),
    { table: 'steps', row },
  ]
}

/** Makes the run in `home` and leaves it open, owned by this process. */
export async function makeLargeRun(home: string, name: string, steps: number): Promise<OpenRun> {
  const config = loadConfig('micro')
  const run = await openRun(home, name, {
    name,
    preset: 'made',
    seed: 1,
    versions: {},
    created_at_ms: Date.now(),
    config: { ...config, steps },
  })
  await run.store.event('started')
  await run.store.write([{ table: 'prompts', row: { hash: 'p', text: '<D>', ids } }])
  for (let step = 0; step <= steps; step++) await run.store.write(stepRows(step))
  return run
}
