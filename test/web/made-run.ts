/** A small run made of rows, whose texts try to do harm. */

import { type CorpusCounts, corpusRead } from '../../domain/corpus.ts'
import { formatStep } from '../../domain/key.ts'
import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import type { Kind } from '../../domain/task.ts'
import type { Config } from '../../src/config/config.ts'
import { openRun } from '../../state/open.ts'
import type { NewRow } from '../../state/schema/index.ts'
import type { Write } from '../../state/types.ts'

export const pack = (numbers: number[]) => new Uint8Array(new Int32Array(numbers).buffer)

/** 40 items per kind. The last step gets more of them right than the first. */
export function evaluation(suite: string, step: number, right: number): Write[] {
  return kinds.flatMap(kind => {
    const common = { suite, step, made_in: step, kind, mode: 'greedy' as const }
    const rows = Array.from({ length: 40 }, (_, item): Write => {
      const verdict = item < right ? 'correct' : 'wrong'
      const id = `${formatStep(step)}.evaluate.${suite}:${kind}.${item}`
      return {
        table: 'evaluation_items',
        row: { ...common, id, item, verdict, input_hash: 'h', scratch: false },
      }
    })
    const counts = { items: 40, samples: 1, correct: right, passed: right, scratched: 0, cut: 0 }
    const row = { ...common, ...counts, accuracy: right / 40, deviation: 0.5 }
    return [...rows, { table: 'evaluations', row }]
  })
}

export function finishedStep(step: number): Write[] {
  const counts = { proposals: 3, accepted: 3, rollouts: 12, executions: 12, trained: 12 }
  const times = { wall_ms: 1, rolling_ms: 1, learner_ms: 1, evaluate_ms: 1, own_cpu_ms: 1 }
  return [{ table: 'steps', row: { step, policy_version: step, ...counts, ...times } }]
}

/** An invented task and two answers to it, one right with its working. */
export function invented(kind: Kind, step: number, text: string): Write[] {
  const id = `${formatStep(step)}.propose.${kind}.0000.0`
  const hash = `hash-${kind}`
  const pair = { input: text, output: text, canonical: text }
  const task = { program: text, normalized: text, pairs: [pair], message: text }
  const base = { step, kind, input_hash: 'h' }
  const judged = { parsed: text, reason: null, learnability: null, reward: 0 }
  const answer = (n: number, verdict: string): Write[] => {
    const mine = {
      ...base,
      id: `${formatStep(step)}.estimate.${kind}.${hash}.${n}`,
      role: 'solver' as const,
    }
    const written = n === 0 ? `<T>${text}<A>${text}` : `<A>${text}`
    const rollout = {
      purpose: 'estimate' as const,
      task_hash: hash,
      prompt_hash: 'p',
      text: written,
      ids: pack([1]),
      logprobs: pack([0]),
      finish_reason: 'stop' as const,
      seed: 1,
      policy_version: step,
      temperature: 1,
      sample_ms: 1,
    }
    return [
      { table: 'rollouts', row: { ...mine, ...rollout } },
      { table: 'grades', row: { ...mine, ...judged, verdict, success_rate: null } },
    ]
  }
  const grade = { ...base, ...judged, id, role: 'proposer' as const, verdict: 'accepted' }
  const verdict = 'accepted' as const
  return [
    {
      table: 'tasks',
      row: { ...base, ...task, id, hash, verdict, reason: null, purpose: 'propose' },
    },
    { table: 'grades', row: { ...grade, success_rate: 0.5 } },
    ...answer(0, 'correct'),
    ...answer(1, 'wrong'),
  ]
}

/** The counts of a run with a folder of own code. */
export const countsOf = (folder: string): CorpusCounts => ({
  folder,
  files: 4,
  functions: 20,
  kept: 17,
  skipped: [{ reason: '<img src=x onerror=alert(1)>', count: 3 }],
  unread: [{ reason: 'not UTF-8', count: 1 }],
})

/**
 * Makes two evaluated steps in `home`. Every model text is `text`. `right` is the number of right
 * answers of 40 per kind at steps 0 and 2.
 */
export async function makeRun(
  home: string,
  name: string,
  text: string,
  right: readonly [number, number] = [10, 20],
  own: Partial<NewRow<'run'>> = {},
): Promise<void> {
  const { store, release } = await openRun(home, name, {
    name,
    preset: 'smoke',
    seed: 1,
    versions: {},
    created_at_ms: 1,
    config: { steps: 2, evaluate: { suites: ['easy'] } },
    ...own,
  })
  const folder = (own.config as Partial<Config> | undefined)?.propose?.corpus
  if (folder) await store.event(corpusRead, countsOf(folder))
  await store.event('started')
  await store.write([
    { table: 'prompts', row: { hash: 'p', text, ids: pack([1]) } },
    ...[0, 2].flatMap((step, i) => evaluation('easy', step, right[i] as number)),
    ...[0, 1, 2].flatMap(finishedStep),
    ...kinds.flatMap(kind => invented(kind, 2, text)),
    ...kinds.flatMap(kind =>
      [1, 2].map((step): Write => {
        return {
          table: 'metrics',
          row: { step, made_in: step, name: `learnable.${kind}`, value: 0.5 },
        }
      }),
    ),
    ...[1, 2].flatMap(step =>
      ['outcome.timedOut', 'restarts', 'mismatches'].map((name, i): Write => {
        return {
          table: 'metrics',
          row: { step, made_in: step, name: `sandbox.${name}`, value: i * step },
        }
      }),
    ),
    ...[1, 2].flatMap(step =>
      ['asked', 'cached'].map((name, i): Write => {
        const value = step * (i === 0 ? 1000 : 600)
        return {
          table: 'metrics',
          row: { step, made_in: step, name: `engine.prefix.${name}`, value },
        }
      }),
    ),
  ])
  await store.event('finished')
  await release()
}
