/** Figures of runs for Prometheus: base units, labels, and `_total` for counters. */

import type { Alarm } from '../../domain/health/health.ts'
import type { Vitals } from '../../domain/health/vitals.ts'
import type { Row } from '../../state/types.ts'
import type { Family, Sample } from './prometheus.ts'

type Figures = Record<string, number>

export type RunFigures = {
  run: string
  status: string
  preset: string
  steps: number
  totals: Figures
  figures: Figures
  /** The counts of its sandbox and its engine, by name. */
  counted: Record<'sandbox' | 'engine', Figures>
  /** The scores of every step, oldest first. */
  evaluations: Row<'evaluations'>[]
  /** For a run that is going on; null if no process works on it. */
  live: { hangs: number; alarms: Alarm[]; queues: Vitals['queues'] | null } | null
}

type Exported = [prefix: string, name: string, labels: string[], help: string]

/** The exported curves, by the beginning of their names. The rest of a name becomes labels. */
const curves: Exported[] = [
  ['accuracy', 'azr_solver_accuracy_ratio', ['kind'], 'Right answers of the last step.'],
  ['valid', 'azr_proposals_valid_ratio', ['kind'], 'Proposals of the last step that are tasks.'],
  ['learnable', 'azr_tasks_learnable_ratio', ['kind'], 'Rated tasks that are sometimes solved.'],
  ['duplicates', 'azr_proposals_duplicate_ratio', ['kind'], 'Proposals that are duplicates.'],
  ['reward', 'azr_reward_mean', ['role', 'kind'], 'Mean reward of the last step.'],
  ['length', 'azr_completion_tokens_mean', ['role', 'kind'], 'Mean length of a completion.'],
  [
    'truncated',
    'azr_completion_truncated_ratio',
    ['role', 'kind'],
    'Completions cut at their limit.',
  ],
  ['buffer', 'azr_buffer_tasks', ['kind'], 'Tasks that can be drawn.'],
  ['entropy', 'azr_policy_entropy_nats', [], 'Mean entropy of a token.'],
  ['mismatch.kl', 'azr_policy_mismatch_kl_nats', [], 'Divergence of engine and learner.'],
  ['gradient.norm', 'azr_update_gradient_norm', [], 'Norm of the gradient before clipping.'],
  ['loss', 'azr_update_loss', [], 'Loss of the last update.'],
  ['clip.fraction', 'azr_update_clipped_ratio', [], 'Tokens whose ratio was clipped.'],
]

/** The sandbox's counts, in finished steps. */
const ofSandbox: Exported[] = [
  ['outcome', 'azr_sandbox_programs_total', ['outcome'], 'Programs by outcome.'],
  ['shared', 'azr_sandbox_shared_runs_total', [], 'Runs in a child shared with other programs.'],
  ['alone', 'azr_sandbox_alone_runs_total', [], 'Runs in a separate child.'],
  ['batches', 'azr_sandbox_batches_total', [], 'Children that were forked.'],
  ['anomalies', 'azr_sandbox_anomalies_total', [], 'Runs repeated alone after a batch.'],
  ['audited', 'azr_sandbox_audits_total', [], 'Results checked by running them alone.'],
  ['mismatches', 'azr_sandbox_mismatches_total', [], 'Results that differed when run alone.'],
  ['restarts', 'azr_sandbox_restarts_total', [], 'Processes that were replaced.'],
  ['retries', 'azr_sandbox_retries_total', [], 'Jobs repeated because a process died.'],
]

/** The engine's counts, in finished steps. */
const ofEngine: Exported[] = [
  [
    'prefix.asked',
    'azr_engine_prompt_tokens_total',
    [],
    'Prompt tokens, if the engine counts them.',
  ],
  [
    'prefix.cached',
    'azr_engine_prompt_tokens_cached_total',
    [],
    'Prompt tokens found in the prefix cache.',
  ],
]

function samplesOf(run: string, figures: Figures, prefix: string, labels: string[]): Sample[] {
  return Object.entries(figures).flatMap(([name, value]) => {
    if (name !== prefix && !name.startsWith(`${prefix}.`)) return []
    const parts = name === prefix ? [] : name.slice(prefix.length + 1).split('.')
    if (parts.length !== labels.length || parts.includes('all')) return []
    const named = Object.fromEntries(labels.map((label, i) => [label, parts[i] as string]))
    return [{ labels: { run, ...named }, value }]
  })
}

/** The last score of each suite. */
function heldOutOf({ run, evaluations }: RunFigures): Sample[] {
  const newest = new Map(
    evaluations.map(({ suite, kind, mode, accuracy }) => {
      const labels = { run, suite, kind, mode }
      return [JSON.stringify(labels), { labels, value: accuracy }]
    }),
  )
  return [...newest.values()]
}

const levels = ['warning', 'collapse'] as const

/**
 * Metrics of runs in progress. They are 0 if all is well, so that a rule can distinguish this from
 * a missing answer.
 */
function liveFamilies(runs: RunFigures[]): Family[] {
  const going = runs.flatMap(({ run, live }) => (live ? [{ run, ...live }] : []))
  const queues = going.flatMap(({ run, queues }) =>
    Object.entries(queues ?? {}).map(([queue, depth]) => ({ labels: { run, queue }, depth })),
  )
  const depth = (name: 'waiting' | 'flying') =>
    queues.map(({ labels, depth }) => ({ labels, value: depth[name] }))
  return [
    {
      name: 'azr_health_alarms',
      type: 'gauge',
      help: 'Active alarms (docs/reference/health.md).',
      samples: going.flatMap(({ run, alarms }) =>
        levels.map(level => {
          const value = alarms.filter(alarm => alarm.level === level).length
          return { labels: { run, level }, value }
        }),
      ),
    },
    {
      name: 'azr_health_hangs',
      type: 'gauge',
      help: 'Parts of a live run that hang.',
      samples: going.map(({ run, hangs }) => ({ labels: { run }, value: hangs })),
    },
    {
      name: 'azr_queue_waiting',
      type: 'gauge',
      help: 'Orders that wait for their turn.',
      samples: depth('waiting'),
    },
    {
      name: 'azr_queue_in_flight',
      type: 'gauge',
      help: 'Orders that were sent and have no answer yet.',
      samples: depth('flying'),
    },
  ]
}

type Of = (run: RunFigures) => number
const each = (runs: RunFigures[], value: Of): Sample[] =>
  runs.map(run => ({ labels: { run: run.run }, value: value(run) }))
const gauge = (name: string, help: string, samples: Sample[]): Family => {
  return { name, type: 'gauge', help, samples }
}

function stateFamilies(runs: RunFigures[], unreadable: string[]): Family[] {
  const info = runs.map(({ run, preset, status }) => ({
    labels: { run, preset, status },
    value: 1,
  }))
  const unread = unreadable.map(run => ({ labels: { run }, value: 0 }))
  const readable = [...each(runs, () => 1), ...unread]
  const ofEach: [name: string, help: string, value: Of][] = [
    ['azr_run_alive', 'Whether a process works on a run.', ({ live }) => Number(live !== null)],
    ['azr_run_step', 'Last finished step of a run.', ({ totals }) => totals.last_step ?? -1],
    ['azr_run_steps', 'Steps that its config asks for.', ({ steps }) => steps],
  ]
  return [
    gauge('azr_run_readable', 'Whether the figures of a run can be read.', readable),
    gauge('azr_run_info', 'A run and what it is doing.', info),
    ...ofEach.map(([name, help, value]) => gauge(name, help, each(runs, value))),
  ]
}

/** Sums over finished steps: the column, and its factor. */
const totals: [name: string, help: string, key: string, scale?: number][] = [
  ['azr_rollouts_total', 'Completions sampled in finished steps.', 'rollouts'],
  ['azr_executions_total', 'Programs executed in finished steps.', 'executions'],
  ['azr_proposals_total', 'Tasks proposed in finished steps.', 'proposals'],
  ['azr_tasks_accepted_total', 'Tasks accepted in finished steps.', 'accepted'],
  ['azr_trained_sequences_total', 'Rollouts trained on in finished steps.', 'trained'],
  ['azr_step_seconds_total', 'Wall time of finished steps.', 'wall_ms', 1e-3],
]

function counters(runs: RunFigures[], of: keyof RunFigures['counted'], list: Exported[]): Family[] {
  return list.map(([prefix, name, labels, help]) => {
    const each = ({ run, counted }: RunFigures) => samplesOf(run, counted[of], prefix, labels)
    return { name, type: 'counter', help, samples: runs.flatMap(each) }
  })
}

export function familiesOf(version: string, runs: RunFigures[], unreadable: string[]): Family[] {
  const build = [{ labels: { version }, value: 1 }]
  return [
    gauge('azr_build_info', 'The version of azr.', build),
    ...stateFamilies(runs, unreadable),
    ...totals.map(([name, help, key, scale = 1]): Family => {
      const samples = each(runs, run => (run.totals[key] ?? 0) * scale)
      return { name, type: 'counter', help, samples }
    }),
    ...curves.map(([prefix, name, labels, help]) => {
      const of = ({ run, figures }: RunFigures) => samplesOf(run, figures, prefix, labels)
      return gauge(name, help, runs.flatMap(of))
    }),
    gauge(
      'azr_heldout_accuracy_ratio',
      'Accuracy of the last evaluation of a suite.',
      runs.flatMap(heldOutOf),
    ),
    ...liveFamilies(runs),
    ...counters(runs, 'sandbox', ofSandbox),
    ...counters(runs, 'engine', ofEngine),
  ]
}
