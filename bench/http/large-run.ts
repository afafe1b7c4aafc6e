/** Makes a stored run of many steps and rollouts from rows, as a long run would leave it. */
import { formatStep } from '../../domain/key.ts'
import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import type { Kind } from '../../domain/task.ts'
import { type OpenRun, openRun } from '../../state/open.ts'
import type { Write } from '../../state/types.ts'

const proposalsOfKind = 64
const answersOfTask = 5

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

function stepRows(step: number): Write[] {
  const work = kinds.flatMap(kind =>
    Array.from({ length: proposalsOfKind }, (_, i): Write[] => {
      const id = `${formatStep(step)}.propose.${kind}.${String(i).padStart(4, '0')}.0`
      const hash = `${formatStep(step)}${kind[0]}${String(i).padStart(4, '0')}`
      const program = `def f(a):\n x = a + ${step}\n return [x, ${i}]`
      const task = { program, normalized: program, message: '', reason: null, input_hash: 'h' }
      const pairs = [{ input: String(i), output: '[14, 3]', canonical: '[14,3]' }]
      const judged = { verdict: 'accepted' as const, purpose: 'propose', hash, pairs }
      return [
        { table: 'tasks', row: { ...task, ...judged, id, step, kind } },
        ...rolloutOf(step, kind, id, 'proposer', hash),
        ...Array.from({ length: answersOfTask - 1 }, (_, n) =>
          rolloutOf(
            step,
            kind,
            `${formatStep(step)}.estimate.${kind}.${hash}.${n}`,
            'solver',
            hash,
          ),
        ).flat(),
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
    ...figures.map((name, i): Write => {
      const value = 0.5 + 0.3 * Math.sin(step / 50 + i)
      return { table: 'metrics', row: { step, made_in: step, name, value } }
    }),
    { table: 'steps', row },
  ]
}

/** Makes the run in `home` and leaves it open, owned by this process. */
export async function makeLargeRun(home: string, name: string, steps: number): Promise<OpenRun> {
  const run = await openRun(home, name, {
    name,
    preset: 'made',
    seed: 1,
    versions: {},
    created_at_ms: Date.now(),
    config: { steps, evaluate: { suites: [] } },
  })
  await run.store.event('started')
  await run.store.write([{ table: 'prompts', row: { hash: 'p', text: '<D>', ids } }])
  for (let step = 0; step <= steps; step++) await run.store.write(stepRows(step))
  return run
}
