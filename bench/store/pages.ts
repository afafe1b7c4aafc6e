/**
 * Times the list pages of the API, requested as a person would: with varying filters and cursors.
 */
import { join } from 'node:path'
import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import { stream } from '../../domain/rng.ts'
import { openForReading } from '../../state/database.ts'
import { describeRun } from '../../state/open.ts'
import { createPages, type Pages } from '../../state/reader-pages.ts'
import { storedKeys } from './fill.ts'
import { perStep } from './rows.ts'

const limit = 50

type Call = [name: string, ask: () => unknown]

/** The requests of a person, different each time. */
function createAsker(rollouts: number) {
  const rng = stream(1, 'pages')
  return {
    some: () => storedKeys(rng.int(rollouts)),
    step: () => rng.int(Math.ceil(rollouts / perStep)),
    kind: () => kinds[rng.int(3)] ?? 'deduction',
    last: Math.ceil(rollouts / perStep) - 1,
  }
}
type Asker = ReturnType<typeof createAsker>
const text = 'it_is_nowhere'

const taskCalls = (pages: Pages, { some, step, kind }: Asker): Call[] => [
  ['tasks', () => pages.tasks({ before: some().id, limit })],
  ['tasks of a kind', () => pages.tasks({ kind: kind(), before: some().id, limit })],
  [
    'tasks of a rare verdict',
    () => pages.tasks({ verdict: 'duplicate', before: some().id, limit }),
  ],
  ['tasks that are valid', () => pages.tasks({ verdict: 'valid', before: some().id, limit })],
  [
    'tasks of a kind and verdict',
    () => pages.tasks({ kind: kind(), verdict: 'accepted', before: some().id, limit }),
  ],
  ['tasks with a text that does not occur', () => pages.tasks({ text, before: some().id, limit })],
  ['tasks of a step', () => pages.tasks({ step: step(), limit })],
  ['tasks never solved', () => pages.tasks({ solved: 'never', before: some().id, limit })],
]

const rolloutCalls = (pages: Pages, { some, step, kind }: Asker): Call[] => [
  ['rollouts', () => pages.rollouts({ before: some().id, limit })],
  [
    'rollouts of a kind and role',
    () => pages.rollouts({ kind: kind(), role: 'solver', before: some().id, limit }),
  ],
  ['rollouts of a step', () => pages.rollouts({ step: step(), limit })],
  ['rollouts of a verdict', () => pages.rollouts({ verdict: 'correct', before: some().id, limit })],
  [
    'rollouts of a rare verdict',
    () => pages.rollouts({ verdict: 'ungraded', before: some().id, limit }),
  ],
  [
    'rollouts of the proposer, accepted',
    () => pages.rollouts({ role: 'proposer', verdict: 'accepted', before: some().id, limit }),
  ],
  [
    'rollouts of a purpose that does not occur',
    () => pages.rollouts({ purpose: 'evaluate', before: some().id, limit }),
  ],
  [
    'rollouts of self-play',
    () => pages.rollouts({ purpose: 'self-play', before: some().id, limit }),
  ],
  ['rollouts that were cut', () => pages.rollouts({ finish: 'length', before: some().id, limit })],
  ['rollouts that plan', () => pages.rollouts({ plans: 'yes', before: some().id, limit })],
  ['rollouts of a text', () => pages.rollouts({ text: 'items', before: some().id, limit })],
  [
    'rollouts with a text that does not occur',
    () => pages.rollouts({ text, before: some().id, limit }),
  ],
  ['rollouts until a step', () => pages.rollouts({ until: step(), limit })],
]

const otherCalls = (pages: Pages, { some, step, kind, last }: Asker): Call[] => [
  ['steps', () => pages.steps(step(), limit)],
  ['one rollout', () => pages.rollout(some().id)],
  ['one task', () => pages.task(some().task)],
  ['curves of a prefix', () => pages.metrics(['curve.1*'])],
  ['one curve', () => pages.metrics(['loss'])],
  ['evaluations', () => pages.evaluations()],
  ['totals', () => pages.totals()],
  ['figures of a step', () => pages.figures(step())],
  ['alarms', () => pages.alarms(step())],
  ['progress', () => pages.progress()],
  ['samples', () => pages.samples(kind(), Math.max(0, last - 5), 3)],
  ['machines', () => pages.machines()],
  ['machines at a step', () => pages.machines(step())],
  ['pulse', () => pages.vitals()],
  ['outcome at a step', () => pages.outcome(step())],
  ['troubles at a step', () => pages.troubles(limit, step())],
  ['corpusCounts', () => pages.corpusCounts()],
  ['events', () => pages.events(limit)],
  ['messages', () => pages.messages(step(), limit, [])],
]

/** Lists in the order of a figure. */
const rankedCalls = (pages: Pages, { step, kind }: Asker): Call[] => [
  ['tasks by reward', () => pages.tasks({ sort: 'reward', limit })],
  ['tasks by success rate', () => pages.tasks({ sort: 'successRate', order: 'asc', limit })],
  ['tasks of a kind by reward', () => pages.tasks({ kind: kind(), sort: 'reward', limit })],
  ['tasks, oldest first', () => pages.tasks({ order: 'asc', limit })],
  ['tasks of a step by reward', () => pages.tasks({ step: step(), sort: 'reward', limit })],
  ['tasks of a step, oldest first', () => pages.tasks({ step: step(), order: 'asc', limit })],
  ['tasks with a reward', () => pages.tasks({ reward: [1, undefined], limit })],
  ['rollouts by reward', () => pages.rollouts({ sort: 'reward', limit })],
  ['rollouts of a role by reward', () => pages.rollouts({ sort: 'reward', role: 'solver', limit })],
  ['rollouts by length', () => pages.rollouts({ sort: 'length', limit })],
  ['rollouts by advantage', () => pages.rollouts({ sort: 'advantage', order: 'asc', limit })],
  ['rollouts by success rate', () => pages.rollouts({ sort: 'successRate', limit })],
  ['rollouts, oldest first', () => pages.rollouts({ order: 'asc', limit })],
  ['rollouts of a step by length', () => pages.rollouts({ step: step(), sort: 'length', limit })],
  [
    'rollouts of a step by advantage',
    () => pages.rollouts({ step: step(), sort: 'advantage', limit }),
  ],
  ['rollouts with a length', () => pages.rollouts({ length: [900, undefined], limit })],
  ['rollouts with an advantage', () => pages.rollouts({ advantage: [1, undefined], limit })],
]

/** Requests of the panels besides lists. */
const panelCalls = (pages: Pages, { some, step, kind, last }: Asker): Call[] => [
  ['the game', () => pages.game()],
  ['the game at a step', () => pages.game(step())],
  ['one task of the game', () => pages.game(undefined, some().id)],
  ['pace', () => pages.pace()],
  ['pace at a step', () => pages.pace(step())],
  ['clock', () => pages.clock()],
  ['kinds of the suites', () => pages.suiteKinds()],
  ['held-out scores', () => pages.heldOut()],
  ['scores', () => pages.scores()],
  ['scored steps', () => pages.scoredSteps()],
  ['an evaluation', () => pages.evaluated(last)],
  ['learnable tasks of a kind', () => pages.learnable(kind())],
  ['times of steps', () => pages.times()],
  ['success rates', () => pages.successRates()],
  ['behaviour', () => pages.behaviour([text])],
  ['outcomes of programs', () => pages.outcomes()],
  ['parity', () => pages.parity(limit, step())],
  ['restarts', () => pages.restarts(0)],
  ['failure', () => pages.failure()],
  ['counts of the sandbox', () => pages.sandbox(step())],
  ['counts of the engine', () => pages.engine(step())],
  ['progress of a step', () => pages.progress(step())],
  ['end of a step', () => pages.endedMs(step())],
  ['last message', () => pages.lastMessage()],
  ['counts of the corpus', () => pages.corpusCounts()],
]

export function pageCalls(pages: Pages, rollouts: number): Call[] {
  const asker = createAsker(rollouts)
  return [taskCalls, rolloutCalls, rankedCalls, otherCalls, panelCalls].flatMap(calls =>
    calls(pages, asker),
  )
}

function quantile(times: number[], share: number): string {
  const sorted = times.toSorted((a, b) => a - b)
  const found = sorted[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return found.toFixed(1).padStart(5)
}

/** Opens the run like `azr status` and the page, and requests each page many times. */
export function* timePages(home: string, name: string, rollouts: number): Generator<string> {
  const begun = performance.now()
  describeRun(home, name)
  const { client, db } = openForReading(join(home, name, 'run.db'))
  const pages = createPages(db)
  pages.steps(-1, limit)
  const opened = performance.now() - begun
  yield `opening a run of ${rollouts} rollouts and its first page: ${opened.toFixed(0)} ms`
  yield 'ms of 300 queries each:                    p50   p99, p99 of their CPU time'
  for (const [name, call] of pageCalls(pages, rollouts)) {
    const times = Array.from({ length: 300 }, () => {
      const [from, before] = [performance.now(), process.cpuUsage()]
      call()
      const { user, system } = process.cpuUsage(before)
      return { wall: performance.now() - from, cpu: (user + system) / 1000 }
    })
    const [wall, cpu] = [times.map(time => time.wall), times.map(time => time.cpu)]
    const shown = [quantile(wall, 0.5), quantile(wall, 0.99), quantile(cpu, 0.99)]
    yield `  ${name.padEnd(38)} ${shown.join(' ')}`
  }
  client.close()
}
