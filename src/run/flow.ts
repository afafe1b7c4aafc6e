/**
 * Carries a step from its plan to its end. Units of work are functions of values, while actors pass
 * ids. Only this file knows which value belongs to which id:
 *
 *   value       is made by                     from
 *   stock       stock.ts                       the previous step, or the rows of all earlier ones
 *   planned     plan.ts (and seeding.ts)       the stock: proposals, and the tasks they build on
 *   candidates  propose.ts, per proposal       planned, and the model's text
 *   settled     settle.ts, per kind            planned and that kind's candidates, in id order
 *   graded      grade.ts                       planned, settled and the graded answers: the batch
 *
 * Each value is written once and read by those below it. All can be made again from rows: a resumed
 * run repeats the step, a replay repeats it with another store.
 */
import type {
  FromExecutor,
  FromProposer,
  FromSolver,
  ProposeOrder,
  SolveOrder,
} from '../../actors/messages.ts'
import type {
  Closed,
  Evaluation,
  Settled as KindSettled,
  Located,
  Place,
  Plan,
} from '../../actors/run-context.ts'
import type { Advantage } from '../../domain/advantage/index.ts'
import type { Kind } from '../../domain/task.ts'
import type { Reading, Store } from '../../state/types.ts'
import { draftAnswers, type GradePorts, gradeAnswers } from './work/answer.ts'
import { type Clock, startClock } from './work/clock.ts'
import { type ClosePorts, closeStep } from './work/close.ts'
import { type Due, nextEvaluation } from './work/due.ts'
import { type FitPorts, fitOrder } from './work/fit-order.ts'
import { type Graded, gradeProposals, gradeStep } from './work/grade.ts'
import { type InstancePorts, shareSeeds } from './work/instances.ts'
import { locateRun, type Planned, planStep } from './work/plan.ts'
import {
  type Candidate,
  type CheckPorts,
  checkProposal,
  contextOf,
  type DraftPorts,
  draftProposal,
  validated,
} from './work/propose.ts'
import type { Made } from './work/rescore.ts'
import { insertFirstTasks, planSeeding, type SeedPorts } from './work/seeding.ts'
import { addedBy, inTurn, type Settled, settleKind } from './work/settle.ts'
import {
  answersIn,
  corpusOf,
  emptyStock,
  grown,
  readStock,
  type Stock,
  type StockReads,
} from './work/stock.ts'
import { createTasks, type Tasks } from './work/tasks.ts'

export type FlowPorts = DraftPorts &
  FitPorts &
  SeedPorts &
  InstancePorts &
  CheckPorts &
  GradePorts &
  ClosePorts & {
    store: Pick<Store, 'beginStep'> &
      Reading<'lastStep' | 'tasksByHash' | 'corpusByHash' | 'recallable' | StockReads>
    /** The policies that are scored on held-out suites in a step. */
    evaluationsDue: (step: number) => Promise<Due[]>
    /** Called when a step, or a round of the seeding, is graded. */
    onGraded: (made: Made) => Promise<void>
  }

/**
 * The calls of the machines. Every method but the last three is one of their states or commands.
 */
export type Flow = {
  locate: () => Promise<Located>
  plan: (place: Place) => Promise<Plan>
  propose: (order: ProposeOrder, version: number, signal: AbortSignal) => Promise<FromProposer>
  check: (order: ProposeOrder, signal: AbortSignal) => Promise<FromExecutor>
  answer: (order: SolveOrder, version: number, signal: AbortSignal) => Promise<FromSolver>
  grade: (order: SolveOrder, signal: AbortSignal) => Promise<FromExecutor>
  settle: (place: Place & { kind: Kind }) => Promise<KindSettled>
  gradeStep: () => Promise<void>
  /** The next policy to score in this step; without orders if none is left. */
  evaluate: (place: Place) => Promise<Evaluation>
  close: (place: Place) => Promise<Closed>
  /** The learner's batch of the current step. */
  batch: () => readonly Advantage[]
  /** Measures the time of the learner's work. */
  timed: <T>(work: Promise<T>) => Promise<T>
  isSeeded: () => boolean
}

/** The values of the current step. */
type Step = {
  planned: Planned
  candidates: Map<string, Candidate>
  settled: Map<Kind, Settled>
  graded: Graded
  /** Policies that are still to be scored; null before the first question. */
  due: Due[] | null
  clock: Clock
}

/** A step before anything is planned. In the seeding it has the hand-written tasks. */
type Begun = Pick<Step, 'candidates' | 'clock'> & { stock: Stock; tasks: Tasks }

const nothingGraded: Graded = { batch: [], figures: {}, instances: {} }

async function beginStep(ports: FlowPorts, number: number, left: Stock | null): Promise<Begun> {
  await ports.store.beginStep(number)
  const tasks = createTasks(ports.store)
  const begun = { tasks, candidates: new Map<string, Candidate>(), clock: startClock() }
  if (number > 0) return { ...begun, stock: left ?? (await readStock(ports, number)) }
  const accepted = await insertFirstTasks(ports, tasks)
  const added = { step: 0, accepted, answers: [] }
  const corpus = await corpusOf(ports.config, ports.store)
  return { ...begun, stock: grown(ports, emptyStock(corpus), added) }
}

/** A round of the seeding is graded when the next is planned. */
async function endRound(ports: FlowPorts, step: Step): Promise<Begun> {
  const { planned, settled, candidates, clock } = step
  const settlements = inTurn(ports.kinds, settled).flatMap(one => one.settlements)
  await gradeProposals(ports, planned, settlements)
  const instances = await shareSeeds(ports, planned, settled)
  await ports.onGraded({ planned, reused: [], batch: [] })
  clock.end('rolling')
  const added = addedBy(settled, instances, planned.stock.corpus)
  const stock = grown(ports, planned.stock, { step: 0, ...added, answers: [] })
  return { stock, tasks: planned.tasks, candidates, clock }
}

/** The stock that a finished step leaves to the next. */
function leftBy(ports: FlowPorts, { planned, settled, graded }: Step): Stock {
  const added = addedBy(settled, graded.instances, planned.stock.corpus)
  const answers = answersIn(ports.store)
  return grown(ports, planned.stock, { step: planned.step, ...added, answers })
}

/** Plans a begun step. Returns the step. */
async function planBegun(ports: FlowPorts, { step, round }: Place, begun: Begun): Promise<Step> {
  const { stock, tasks, candidates, clock } = begun
  const seen = { round, buffers: stock.buffers, candidates: [...candidates.values()] }
  const wanted = step === 0 ? planSeeding(ports, seen) : ports.kinds.played
  const planned = await planStep(ports, { step, round, wanted, stock, tasks })
  return { planned, candidates, clock, settled: new Map(), graded: nothingGraded, due: null }
}

/** The judged proposals of a kind, in id order. */
function candidatesOf({ planned, candidates }: Step, kind: Kind): Candidate[] {
  const mine = planned.proposals.filter(order => order.kind === kind)
  return mine.map(({ id }) => {
    const candidate = candidates.get(id)
    if (!candidate) throw new Error(`Cannot settle proposal ${id} as it was not checked`)
    return candidate
  })
}

/** The four units of work of a self-play item. */
function itemsOf(ports: FlowPorts, step: () => Step) {
  const { config } = ports
  const proposing = (order: ProposeOrder) => {
    return { order, context: contextOf(config, step().planned.tasks, order) }
  }
  const answering = (order: SolveOrder) => {
    return { order, task: step().planned.tasks.of(order.task) }
  }
  return {
    async propose(order, policyVersion, signal) {
      const fitted = await fitOrder(ports, step().planned, order, signal)
      return draftProposal(ports, { ...fitted, policyVersion }, signal)
    },
    async check(order, signal) {
      const { planned, candidates } = step()
      const candidate = await checkProposal(ports, proposing(order), signal)
      candidates.set(order.id, candidate)
      return validated(config, planned, candidate)
    },
    answer: (order, policyVersion, signal) =>
      draftAnswers(ports, { ...answering(order), policyVersion }, signal),
    grade: (order, signal) => gradeAnswers(ports, answering(order), signal),
  } satisfies Partial<Flow>
}

export function createFlow(ports: FlowPorts): Flow {
  let isSeeded = false
  let left: Stock | null = null
  let under: Step | null = null
  const step = (): Step => {
    if (!under) throw new Error('Cannot do this before a step is planned')
    return under
  }
  return {
    ...itemsOf(ports, step),
    async locate() {
      const place = await locateRun(ports.config, ports.store)
      isSeeded = place.step > 0
      return place
    },
    async plan(place) {
      const isFirst = place.round === 0
      const begun = isFirst ? beginStep(ports, place.step, left) : endRound(ports, step())
      under = await planBegun(ports, place, await begun)
      const { proposals } = under.planned
      isSeeded = place.step > 0 || proposals.length === 0
      under.clock.begin('rolling')
      return { orders: proposals.map(order => ({ to: 'proposer', order })) }
    },
    async settle({ kind }) {
      const { planned, settled } = step()
      const candidates = candidatesOf(step(), kind)
      const mine = await settleKind(ports, { ...planned, kind, candidates })
      settled.set(kind, mine)
      return { kind, orders: mine.solves.map(order => ({ to: 'solver', order })) }
    },
    async gradeStep() {
      const { planned, settled, clock } = step()
      clock.end('rolling')
      const graded = await gradeStep(ports, planned, settled)
      step().graded = graded
      const reused = inTurn(ports.kinds, settled).flatMap(one => one.reused)
      await ports.onGraded({ planned, reused, batch: graded.batch })
    },
    evaluate: place => nextEvaluation(ports, step(), place),
    close(place) {
      const { graded, clock } = step()
      clock.end('evaluate')
      const stock = leftBy(ports, step())
      // A seeding adds tasks by rounds. A resumed run reads them in id order, so this one does too.
      left = place.step === 0 ? null : stock
      const { batch, figures } = graded
      const closing = { place, stock, trained: batch.length, figures, times: clock.read() }
      return closeStep(ports, closing)
    },
    batch: () => under?.graded.batch ?? [],
    async timed(work) {
      under?.clock.begin('learner')
      return work.finally(() => under?.clock.end('learner'))
    },
    isSeeded: () => isSeeded,
  }
}
