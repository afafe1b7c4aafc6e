/** A run with scripted work: no process, no database, every effect written to a log. */
import { createActor, fromPromise, SimulatedClock } from 'xstate'
import { engineMachine } from '../../actors/engine.ts'
import { evaluatorMachine } from '../../actors/evaluator.ts'
import { executorMachine } from '../../actors/executor.ts'
import { createCrew, ItemError } from '../../actors/items.ts'
import type { FromTrainer, ItemFailed, SampleOrder, ToTrainer } from '../../actors/messages.ts'
import { proposerMachine } from '../../actors/proposer.ts'
import { runMachine } from '../../actors/run.ts'
import type {
  Closed,
  Evaluation,
  Located,
  Place,
  Plan,
  RunInput,
  Settled,
} from '../../actors/run-context.ts'
import { solverMachine } from '../../actors/solver.ts'
import { trainerMachine } from '../../actors/trainer.ts'
import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import type { Kind } from '../../domain/task.ts'

type Command = ItemFailed['command']
export const never = () => new Promise<never>(() => {})
/** Long enough for everything that a scripted run can do by itself. */
export const settle = () => new Promise(resolve => setTimeout(resolve, 20))

export const input: RunInput = {
  steps: 2,
  kinds,
  credits: { sample: 3, check: 2 },
  estimateSamples: 2,
  maxAttempts: 3,
  itemMs: 1000,
  serviceMs: 5000,
  startMs: 5000,
  stallMs: 10_000,
  maxRestarts: 2,
  sleeps: false,
}

export type Script = {
  item?: (command: Command, signal: AbortSignal) => Promise<void>
  trainer?: (command: ToTrainer) => Promise<FromTrainer>
  startEngine?: () => Promise<void>
  watchEngine?: () => Promise<never>
  sleepEngine?: () => Promise<void>
  closeStep?: (step: number) => Closed
  seedRounds?: number
  perKind?: number
  /** Whether a step ends with one item of a suite. */
  evaluates?: boolean
  /** An earlier end of the run, in a replay. The base model is scored there too. */
  endedAt?: number
}

function proposals({ step, round }: Place, count: number): SampleOrder[] {
  const purpose = step === 0 ? 'seed' : 'propose'
  return kinds.flatMap(kind =>
    Array.from({ length: count }, (_, index) => ({
      to: 'proposer' as const,
      order: {
        id: `${step}.${purpose}.${kind}.${round * 100 + index}.0`,
        attempt: 0,
        kind,
        references: [],
        program: null,
      },
    })),
  )
}

const suiteItem = (step: number, version: number): SampleOrder => ({
  to: 'evaluator',
  order: {
    id: `${version}.suite.0`,
    attempt: 0,
    step,
    suite: 'micro-easy',
    kind: 'deduction',
    mode: 'greedy',
    item: 0,
    samples: 1,
  },
})

function fact(command: Command) {
  switch (command.type) {
    case 'task.propose':
      return { type: 'proposal.drafted', order: command.order }
    case 'task.solve':
      return { type: 'answer.drafted', order: command.order }
    case 'item.attempt':
      return { type: 'item.attempted', order: command.order }
    case 'proposal.check':
      return {
        type: 'task.validated',
        order: command.order,
        wording: command.order.id,
        reason: null,
      }
    case 'answer.check':
      return { type: 'answer.graded', order: command.order, correct: 1 }
    case 'item.check':
      return { type: 'item.graded', order: command.order, correct: 1 }
    case 'suites.score':
      return { type: 'suites.scored', order: command.order }
  }
}

export function answerTrainer(command: ToTrainer): FromTrainer {
  switch (command.type) {
    case 'policy.update':
      return { type: 'policy.updated', step: command.step }
    case 'policy.save':
      return { type: 'policy.saved', step: command.step }
    case 'policy.export':
      return { type: 'policy.exported', version: command.version, path: `p${command.version}` }
    case 'policy.probe':
      return {
        type: 'policy.probed',
        version: command.version,
        passed: true,
        largest: 0,
        measured: '',
        suspect: '',
      }
  }
}

export function rehearse(script: Script = {}, overrides: Partial<RunInput> = {}) {
  const log: string[] = []
  const flight = { sample: 0, check: 0, most: { sample: 0, check: 0 } }
  const crew = createCrew(async (input, signal) => {
    const credit = input.type.endsWith('.check') ? 'check' : 'sample'
    const size = credit === 'sample' && 'samples' in input.order ? input.order.samples : 1
    flight[credit] += size
    flight.most[credit] = Math.max(flight.most[credit], flight[credit])
    try {
      await Promise.resolve()
      await script.item?.(input, signal)
      log.push(`${input.type} ${input.order.id}`)
      return fact(input)
    } catch (error) {
      if (error instanceof ItemError) throw error
      throw new ItemError(input, 'other', String(error), error)
    } finally {
      flight[credit] -= size
    }
  })
  const note = (line: string) => log.push(line)
  const scored: string[] = []
  const due = (step: number) => {
    if (!script.evaluates) return []
    const isEnd = step === { ...input, ...overrides }.steps || step === script.endedAt
    return isEnd ? [step, 0] : [step]
  }
  const clock = new SimulatedClock()
  const actor = createActor(
    runMachine.provide({
      actors: {
        proposer: proposerMachine.provide({ actors: { crew } }),
        solver: solverMachine.provide({ actors: { crew } }),
        executor: executorMachine.provide({ actors: { crew } }),
        evaluator: evaluatorMachine.provide({ actors: { crew } }),
        trainer: trainerMachine.provide({
          actors: {
            startLearner: fromPromise(async () => {
              note('start learner')
            }),
            watchLearner: fromPromise(never),
            carryOut: fromPromise(async ({ input }) => {
              const answer = await (script.trainer ?? (async c => answerTrainer(c)))(input)
              note(`${answer.type} ${'step' in input ? input.step : input.version}`)
              return answer
            }),
          },
        }),
        engine: engineMachine.provide({
          actors: {
            startEngine: fromPromise(async () => {
              note('start engine')
              await script.startEngine?.()
            }),
            watchEngine: fromPromise(script.watchEngine ?? never),
            warmEngine: fromPromise(async ({ input }) => {
              if (input) note(`load ${input.version}`)
            }),
            drainEngine: fromPromise(async () => {}),
            loadPolicy: fromPromise(async ({ input }) => {
              note(`load ${input?.version}`)
            }),
            sleepEngine: fromPromise(async () => {
              note('sleep')
              await script.sleepEngine?.()
            }),
            stopEngine: fromPromise(async () => {
              note('stop engine')
            }),
          },
        }),
        locateRun: fromPromise<Located, void>(async () => ({
          step: 0,
          round: 0,
          version: 0,
          done: false,
        })),
        planStep: fromPromise<Plan, Place>(async ({ input }) => {
          note(`plan ${input.step}.${input.round}`)
          const seeded = input.step === 0 && input.round >= (script.seedRounds ?? 1)
          return { orders: seeded ? [] : proposals(input, script.perKind ?? 4) }
        }),
        settleKind: fromPromise<Settled, Place & { kind: Kind }>(async ({ input }) => {
          note(`settle ${input.step} ${input.kind}`)
          return { kind: input.kind, orders: [] }
        }),
        gradeStep: fromPromise(async ({ input }) => {
          note(`score ${input.step}`)
        }),
        planEvaluation: fromPromise<Evaluation, Place>(async ({ input: { step, version } }) => {
          const next = due(step).find(one => !scored.includes(`${step}@${one}`))
          if (next === undefined) return { version, orders: [] }
          scored.push(`${step}@${next}`)
          return { version: next, orders: [suiteItem(step, next)] }
        }),
        closeStep: fromPromise<Closed, Place>(async ({ input }) => {
          note(`close ${input.step}`)
          return script.closeStep?.(input.step) ?? { next: 'goOn', why: '' }
        }),
      },
    }),
    { input: { ...input, ...overrides }, clock },
  )
  const ended = new Promise<{ state: string; error: string }>((resolve, reject) => {
    actor.subscribe({
      next: snapshot => {
        const value = snapshot.value as { step: unknown }
        if (value.step === 'finished' || value.step === 'failed') {
          resolve({ state: value.step, error: snapshot.context.error })
        }
      },
      error: reject,
    })
  })
  actor.start()
  return { actor, clock, log, flight, ended }
}
