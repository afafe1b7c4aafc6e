/**
 * Stores rewards of a run under other rules, in a separate database: `rescores/NAME.db`. It never
 * changes the run's rows, and is written completely or not at all.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { UsageError } from '../domain/errors.ts'

const schema = `
create table rescore (run text not null, name text not null, settings text not null);
create table grades (
  id text primary key, step integer not null, role text not null, kind text not null,
  verdict text not null, new_verdict text not null, reason text, new_reason text,
  success_rate real, new_success_rate real, reward real, new_reward real);
create table advantages (
  rollout_id text primary key, step integer not null, role text not null, kind text not null,
  advantage real, new_advantage real);
create view v_rewards as
  select role, kind, count(*) as rollouts, sum(reward is not new_reward) as changed,
    avg(reward) as reward, avg(new_reward) as new_reward
  from grades group by role, kind order by role, kind;
create view v_advantages as
  select role, kind, count(*) as rollouts, sum(advantage is not new_advantage) as changed,
    sum(coalesce(sign(advantage), 0) * coalesce(sign(new_advantage), 0) < 0) as turned,
    sum(advantage is null) as joined, sum(new_advantage is null) as left_out
  from advantages group by role, kind order by role, kind;
create view v_kept as
  select kind, sum(verdict = 'accepted') as kept, sum(new_verdict = 'accepted') as new_kept,
    sum(verdict = 'accepted' and new_verdict <> 'accepted') as lost,
    sum(verdict <> 'accepted' and new_verdict = 'accepted') as gained
  from grades where role = 'proposer' group by kind order by kind;
`

export type RescoredGrade = {
  [Name in 'id' | 'role' | 'kind' | 'verdict' | 'new_verdict']: string
} & { [Name in 'reason' | 'new_reason']: string | null } & {
  [Name in 'success_rate' | 'new_success_rate' | 'reward' | 'new_reward']: number | null
} & { step: number }

export type RescoredAdvantage = {
  rollout_id: string
  step: number
  role: string
  kind: string
  advantage: number | null
  new_advantage: number | null
}

export type RescoreSummary = Record<'rewards' | 'advantages' | 'kept', Record<string, unknown>[]>

export function createRescore(
  path: string,
  about: { run: string; name: string; settings: unknown },
) {
  if (existsSync(path)) {
    throw new UsageError(
      'target-exists',
      `Cannot write ${path} as it exists: choose another --name`,
    )
  }
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}`
  rmSync(draft, { force: true })
  const client = new Database(draft)
  client.exec(schema)
  const insert = (table: string, columns: string) => {
    const marks = columns.replace(/\w+/g, name => `@${name}`)
    return client.prepare(`insert into ${table} (${columns}) values (${marks})`)
  }
  insert('rescore', 'run, name, settings').run({
    ...about,
    settings: JSON.stringify(about.settings),
  })
  const grade = insert(
    'grades',
    'id, step, role, kind, verdict, new_verdict, reason, new_reason, ' +
      'success_rate, new_success_rate, reward, new_reward',
  )
  const advantage = insert('advantages', 'rollout_id, step, role, kind, advantage, new_advantage')
  return {
    add: client.transaction((grades: RescoredGrade[], advantages: RescoredAdvantage[]) => {
      for (const row of grades) grade.run(row)
      for (const row of advantages) advantage.run(row)
    }),
    summary(): RescoreSummary {
      const all = (view: string) =>
        client.prepare(`select * from ${view}`).all() as Record<string, unknown>[]
      return { rewards: all('v_rewards'), advantages: all('v_advantages'), kept: all('v_kept') }
    },
    keep() {
      client.close()
      renameSync(draft, path)
    },
    drop() {
      client.close()
      rmSync(draft, { force: true })
    },
  }
}
