/**
 * Reads the newest round of the game: the invented task, its answers and their rewards; and the
 * pace of steps. Lists of tasks are in reader-search.ts, whole tasks in reader-item.ts.
 */
import { formatStep } from '../domain/key.ts'
import { type AnswerGroup, groupAnswers } from '../domain/sample.ts'
import type { Kind, Pair } from '../domain/task.ts'
import type { Db } from './database.ts'

/** Characters of a text that are shown; programs get more. */
const shown = 300
const shownProgram = 2000
const recent = 36
const mostAnswers = 64
/** The number of last steps that the pace is measured on. */
const lastSteps = 10

/** A proposal and its verdict. The rates are null while its task is being answered. */
export type Played = {
  id: string
  step: number
  purpose: string
  kind: Kind
  verdict: 'accepted' | 'duplicate' | 'refused'
  reason: string | null
  program: string | null
  hash: string | null
  success_rate: number | null
  learnability: number | null
  reward: number | null
}

export type Stage = Played & {
  pairs: Pair[]
  message: string
  policy_version: number
  /** The verdict on each answer, in the order of arrival; null if it has none yet. */
  verdicts: (string | null)[]
  /** Equal answers grouped, the right ones first. */
  answers: AnswerGroup[]
}

export type Game = { stage: Stage | null; recent: Played[] }

const columns = `tasks.id, tasks.step, tasks.purpose, tasks.kind, tasks.verdict, tasks.reason,
  substr(tasks.program, 1, ${shownProgram}) as program, tasks.hash, success_rate, learnability,
  reward`
const from = 'from tasks left join grades on grades.id = tasks.id'

type Items = { suite: string; kind: Kind }[]

type Answer = {
  text: string
  parsed: string | null
  verdict: string | null
}

function stageOf(db: Db, played: Played): Stage {
  const more = db.$client
    .prepare(
      `select pairs, message, policy_version from tasks
       left join rollouts on rollouts.id = tasks.id where tasks.id = ?`,
    )
    .get(played.id) as { pairs: string; message: string; policy_version: number | null }
  const answers = db.$client
    .prepare(
      `select substr(text, 1, ${shown}) as text, substr(parsed, 1, ${shown}) as parsed, verdict
       from rollouts left join grades on grades.id = rollouts.id
       where task_hash = ? and rollouts.step = ? and rollouts.role = 'solver'
         and purpose = 'estimate' order by rollouts.id limit ${mostAnswers}`,
    )
    .all(played.hash, played.step) as Answer[]
  const cut = (text: string) => text.slice(0, shown)
  const pairs = (JSON.parse(more.pairs) as Pair[]).map(({ input, output, canonical }) => {
    return { input: cut(input), output: cut(output), canonical: cut(canonical) }
  })
  const judged = answers.flatMap(one =>
    one.verdict === null ? [] : [one as Answer & { verdict: string }],
  )
  return {
    ...played,
    pairs,
    message: cut(more.message),
    policy_version: more.policy_version ?? 0,
    verdicts: answers.map(({ verdict }) => verdict),
    answers: groupAnswers(judged),
  }
}

/** Chooses the task in view: what is being answered, then what was answered, then any. */
function createPlay(db: Db): (until?: number, id?: string) => Game {
  const { $client: client } = db
  const lastStep = client
    .prepare('select step from tasks where step <= ? order by step desc limit 1')
    .pluck()
  const newest = client.prepare(
    `select ${columns} ${from} where tasks.step = ? order by tasks.rowid desc limit ${recent}`,
  )
  const byId = client.prepare(`select ${columns} ${from} where tasks.id = ?`)
  const isAnswered = client
    .prepare('select 1 from rollouts where task_hash = ? and step = ? limit 1')
    .pluck()
  const choose = (all: Played[]): Played | undefined => {
    const accepted = all.filter(({ verdict }) => verdict === 'accepted')
    const answered = accepted.filter(({ hash, step }) => isAnswered.get(hash, step) === 1)
    return answered.find(({ reward }) => reward === null) ?? answered[0] ?? accepted[0] ?? all[0]
  }
  return (until = Number.MAX_SAFE_INTEGER, id) => {
    const step = lastStep.get(until)
    const all = step === undefined ? [] : (newest.all(step) as Played[])
    const wanted = id === undefined ? undefined : (byId.get(id) as Played | undefined)
    const stage = wanted ?? choose(all)
    return { stage: stage ? stageOf(db, stage) : null, recent: all }
  }
}

/**
 * The pace of the last steps without held-out suites, the time of all suites so far, and the time
 * of one rollout of self-play. A suite of few items spends most of its time on start and end.
 */
function createPace({ $client: client }: Db) {
  const steps = client.prepare(
    `select avg(wall_ms - evaluate_ms) as step_ms,
         sum(rolling_ms) * 1.0 / nullif(sum(rollouts), 0) as rollout_ms from
         (select * from steps where step between 1 and ? order by step desc limit ${lastSteps})`,
  )
  const scored = client.prepare(
    `select (select coalesce(sum(items * samples), 0) from evaluations where made_in <= @until)
         as answers,
       (select coalesce(sum(evaluate_ms), 0) from steps where step <= @until) as evaluate_ms`,
  )
  return (until = Number.MAX_SAFE_INTEGER) => {
    const { answers, evaluate_ms } = scored.get({ until }) as Record<string, number>
    const last = steps.get(until) as { step_ms: number | null; rollout_ms: number | null }
    const each = [last.rollout_ms, answers ? (evaluate_ms ?? 0) / answers : null]
    const known = each.filter(ms => ms !== null)
    return { step_ms: last.step_ms, answer_ms: known.length > 0 ? Math.min(...known) : 0 }
  }
}

type Tick = {
  step: number
  wall_ms: number
  proposals: number
  answers: number
  proposal_tokens: number
  answer_tokens: number
}

/** The duration of each finished step, and the number of its samples and tokens. */
function createClock({ $client: client }: Db): () => Tick[] {
  const ticks = client.prepare(
    `select steps.step, wall_ms, proposals, coalesce(p.value, 0) as proposal_tokens,
       coalesce(s.value, 0) as answer_tokens
     from steps
     left join metrics p on p.step = steps.step and p.name = 'length.proposer.all'
     left join metrics s on s.step = steps.step and s.name = 'length.solver.all'
     order by steps.step`,
  )
  // The purpose in an id tells proposals from answers, so the index of the ids is enough.
  const count = client
    .prepare(
      `select count(*) from grades where id >= ? and id < ?
         and substr(id, 8, 8) <> 'propose.' and substr(id, 8, 5) <> 'seed.'`,
    )
    .pluck()
  /** Finished steps never change. */
  const known = new Map<number, number>()
  const answersOf = (step: number) => {
    const bounds = [formatStep(step), formatStep(step + 1)]
    const answers = known.get(step) ?? (count.get(...bounds) as number)
    known.set(step, answers)
    return answers
  }
  return () =>
    (ticks.all() as Omit<Tick, 'answers'>[]).map(tick => {
      return { ...tick, answers: answersOf(tick.step) }
    })
}

export function createGame(db: Db) {
  let asked: Items | null = null
  return {
    /** The game of the current step, or of a finished one. `id` chooses the task to show. */
    game: createPlay(db),
    pace: createPace(db),
    clock: createClock(db),

    /** The kinds of the suites' items, one entry per item. */
    suiteKinds(): Items {
      asked ??= db.$client.prepare('select suite, kind from suite_items').all() as Items
      return asked
    },
  }
}
