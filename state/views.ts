/**
 * Views for the most common questions. They hold no data, and are created again when a database is
 * opened for writing. docs/reference/schema.md lists them, docs/how-to/ask-in-sql.md uses them.
 */
import type { Database } from 'better-sqlite3'

export type View = { about: string; sql: string }

/** Tokens of a completion: 2 bytes each, after a first byte (packing.ts). */
export const tokens = `((length(logprobs) - 1) / 2)`

export const views: Record<string, View> = {
  v_learning_curve: {
    about: 'Results of self-play: a row for each step and kind.',
    sql: `
      select step, kind,
        sum(role = 'proposer') as proposals,
        avg(iif(role = 'proposer', verdict = 'accepted', null)) as accepted,
        avg(iif(role = 'proposer' and verdict = 'accepted', learnability > 0, null)) as learnable,
        avg(success_rate) as success_rate,
        sum(role = 'solver') as answers,
        avg(iif(role = 'solver', verdict = 'correct', null)) as correct,
        avg(iif(role = 'proposer', reward, null)) as proposer_reward,
        avg(iif(role = 'solver', reward, null)) as solver_reward
      from grades where step > 0 group by step, kind`,
  },
  v_held_out: {
    about: 'Held-out accuracy, with pass@k where an item is answered several times.',
    sql: `
      select step, suite, mode, kind, items, accuracy,
        iif(items > 0, 1.0 * passed / items, null) as pass_rate
      from evaluations`,
  },
  v_frontier: {
    about: 'Tasks that were solved sometimes, but not always: they teach most.',
    sql: `
      select tasks.id, tasks.step, tasks.kind, success_rate, learnability, reward, program, pairs,
        message, hash
      from tasks join grades using (id)
      where tasks.verdict = 'accepted' and success_rate > 0 and success_rate < 1`,
  },
  v_refusals: {
    about: 'Why proposals were refused.',
    sql: `
      select step, kind, coalesce(reason, verdict) as reason, count(*) as proposals
      from tasks where verdict <> 'accepted' group by step, kind, coalesce(reason, verdict)`,
  },
  v_parents: {
    about: 'The tasks in the prompt of each task: one generation.',
    sql: `
      select task_id, position, reference_hash as parent_hash, parent.id as parent_id,
        parent.step as parent_step
      from task_references
      left join tasks parent on parent.hash = reference_hash and parent.verdict = 'accepted'`,
  },
  v_ancestry: {
    about:
      'All ancestors of all tasks, down to the seeds. For one task the query in the cookbook ' +
      'is faster.',
    sql: `
      with recursive line (task_id, ancestor_id) as (
        select task_id, parent_id from v_parents where parent_id is not null
        union
        select line.task_id, parent_id from line join v_parents on v_parents.task_id = ancestor_id
        where parent_id is not null)
      select task_id, ancestor_id, tasks.step as ancestor_step, tasks.kind as ancestor_kind
      from line join tasks on tasks.id = ancestor_id`,
  },
  v_rollouts: {
    about: 'Completions as a person reads them: prompt, text, verdict, reward, advantage.',
    sql: `
      select rollouts.id, rollouts.step, purpose, rollouts.role, rollouts.kind, policy_version,
        task_hash, prompts.text as prompt, rollouts.text as text, ${tokens} as tokens, finish_reason,
        coalesce(grades.verdict, evaluation_items.verdict) as verdict,
        coalesce(grades.reason, detail) as reason, reward, advantage
      from rollouts
      join prompts on prompts.hash = prompt_hash
      left join grades on grades.id = rollouts.id
      left join evaluation_items on evaluation_items.id = rollouts.id
      left join update_items on rollout_id = rollouts.id and update_items.step = rollouts.step`,
  },
  v_training: {
    about: 'The contents of each update: rollout, reward, advantage, and the task behind it.',
    sql: `
      select update_items.step, position, rollout_id, rollouts.role, rollouts.kind, purpose,
        reward, advantage, weight, minibatch, ${tokens} as tokens,
        iif(rollouts.role = 'proposer', rollout_id, (
          select id from tasks where hash = task_hash and verdict = 'accepted' limit 1)) as task_id
      from update_items
      join rollouts on rollouts.id = rollout_id
      left join grades on grades.id = rollout_id`,
  },
  v_step_timing: {
    about: "The parts of each step's time in seconds, and its rollouts per second.",
    sql: `
      select step, wall_ms / 1000 as wall, rolling_ms / 1000 as rolling, learner_ms / 1000 as learner,
        evaluate_ms / 1000 as evaluating, own_cpu_ms / 1000 as own_cpu, rollouts,
        iif(wall_ms > 0, rollouts * 1000.0 / wall_ms, null) as rollouts_per_second
      from steps`,
  },
  v_lineage: {
    about: 'The runs that this one was forked from, newest first.',
    sql: `
      with recursive line (generation, lineage) as (
        select 1, lineage from run where lineage ->> '$.forked' is not null
        union all
        select generation + 1, lineage ->> '$.before' from line
        where lineage ->> '$.before.forked' is not null)
      select generation, lineage ->> '$.forked.run' as run, lineage ->> '$.forked.step' as step,
        lineage ->> '$.forked.settings' as settings
      from line`,
  },
}

const written = (name: string, { sql }: View) => `CREATE VIEW ${name} as ${sql.trim()}`

function storedViews(client: Database): Map<string, string> {
  const ours =
    "select name, sql from sqlite_master where type = 'view' and substr(name, 1, 2) = 'v_'"
  const found = client.prepare(ours).all() as { name: string; sql: string }[]
  return new Map(found.map(({ name, sql }) => [name, sql]))
}

export function dropViews(client: Database): void {
  for (const name of storedViews(client).keys()) client.exec(`drop view "${name}"`)
}

/** Updates the views. It writes only if one differs. */
export function makeViews(client: Database): void {
  const stored = storedViews(client)
  const wanted = Object.entries(views).map(([name, view]) => [name, written(name, view)] as const)
  if (stored.size === wanted.length && wanted.every(([name, sql]) => stored.get(name) === sql))
    return
  client.transaction(() => {
    dropViews(client)
    for (const [, sql] of wanted) client.exec(sql)
  })()
}
