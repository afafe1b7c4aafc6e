/**
 * Two proposals of one task in different words: answers and rewards do not depend on which came
 * first.
 */
import { beforeEach, expect, test } from 'vitest'
import type { ProposeOrder } from '../../../actors/messages.ts'
import { formatKey } from '../../../domain/key.ts'
import { builtInKinds } from '../../../domain/kinds/index.ts'
import { microDialect } from '../../../domain/prompts/index.ts'
import { configSchema } from '../../../src/config/config.ts'
import type { SamplingRequest } from '../../../src/engine/types.ts'
import { draftAnswers, gradeAnswers } from '../../../src/run/work/answer.ts'
import { gradeProposals } from '../../../src/run/work/grade.ts'
import {
  type Candidate,
  checkProposal,
  contextOf,
  draftProposal,
  validated,
} from '../../../src/run/work/propose.ts'
import { createRoom } from '../../../src/run/work/room.ts'
import { settleKind } from '../../../src/run/work/settle.ts'
import { emptyStock } from '../../../src/run/work/stock.ts'
import { createTasks } from '../../../src/run/work/tasks.ts'
import { createVerdicts } from '../../../src/run/work/verdicts.ts'
import { openRun } from '../../../state/open.ts'
import { temporary } from '../../temporary.ts'
import { execution, literal } from './sandbox-of-five.ts'

const config = configSchema.parse({ dialect: 'micro', estimate: { samples: 2, reuse: true } })
const { signal } = new AbortController()
const plain = 'def f(a):\n return a + 1<I>4'
const commented = 'def f(a):\n # one more\n return a + 1<I>4'
const orders = [0, 1].map((index): ProposeOrder => {
  const id = formatKey({ step: 1, purpose: 'propose', kind: 'deduction', index, sample: 0 })
  return { id, attempt: 0, kind: 'deduction', references: [], program: null }
})

let home: string
beforeEach(() => {
  home = temporary('wordings')
})

const facts = {
  normalized: 'def f(a):\n    return a + 1',
  functions: ['f'],
  imports: [],
  uses: [],
  classes: [],
  unread: [],
}
const sandbox = {
  inspect: async () => ({ ok: true as const, facts }),
  execute: async () => [execution],
  readLiteral: literal,
  readArguments: literal,
}

/** The answer is wrong for the plain program, and right for the one with a comment. */
const answerTo = (prompt: string) => (prompt.includes('# one more') ? '<A>5' : '<A>6')

/** Checks a step's proposals in the given order. Returns the facts of the step. */
async function play(name: string, arrivals: ProposeOrder[]) {
  const row = { name, preset: 'x', seed: 1, config: {}, versions: {}, created_at_ms: 0 }
  const { store, release } = await openRun(home, name, row)
  const drafts = new Map(orders.map(({ id }, i) => [id, [plain, commented][i] as string]))
  let drafting = ''
  const completeMany = async ({ prompt }: SamplingRequest, count: number) =>
    Array.from({ length: count }, () => ({
      text: drafts.get(drafting) ?? answerTo(String(prompt)),
      promptIds: new Int32Array([1]),
      ids: new Int32Array([2]),
      logprobs: new Float32Array([0]),
      finishReason: 'stop' as const,
    }))
  const ports = {
    config,
    plugins: { reward: null },
    sandbox,
    store,
    kinds: builtInKinds,
    dialect: microDialect,
    room: createRoom({
      config: { engine: { ...config.engine, maxLength: 99_999 } },
      engine: () => ({ sampler: { encode: async () => new Int32Array(9) } }),
    }),
    verdicts: createVerdicts(sandbox),
    engine: () => ({ sampler: { completeMany } }),
  }
  await store.beginStep(1)
  const [stock, tasks] = [emptyStock(), createTasks(store)]
  const checked = new Map<string, Candidate>()
  for (const order of arrivals) {
    const proposing = { order, context: contextOf(config, tasks, order), policyVersion: 0 }
    drafting = order.id
    await draftProposal(ports, proposing, signal)
    drafting = ''
    const candidate = await checkProposal(ports, proposing, signal)
    checked.set(order.id, candidate)
    const { wording } = validated(config, { stock, tasks }, candidate) as { wording: string }
    const key = { step: 1, purpose: 'estimate', kind: 'deduction', index: wording } as const
    const id = formatKey({ ...key, sample: 0 })
    const answers = { id, attempt: 0, kind: 'deduction' as const, task: wording, samples: 2 }
    const answering = { order: answers, task: tasks.of(wording), policyVersion: 0 }
    await draftAnswers(ports, answering, signal)
    await gradeAnswers(ports, answering, signal)
  }
  const candidates = orders.map(({ id }) => checked.get(id) as Candidate)
  const planned = { step: 1, stock, tasks }
  const settled = await settleKind(ports, { ...planned, kind: 'deduction', candidates })
  await gradeProposals(ports, planned, settled.settlements)
  const prompts = store.rowsOf('rollouts').map(({ id, prompt_hash }) => [id, prompt_hash])
  const grades = store
    .rowsOf('grades')
    .map(({ id, verdict, success_rate, reward }) => ({ id, verdict, success_rate, reward }))
  await release()
  return { prompts, grades }
}

test('the first of them in id order is accepted and rewarded for the answers to its own wording', async () => {
  const forwards = await play('forwards', orders)
  const backwards = await play('backwards', orders.toReversed())
  expect(backwards).toEqual(forwards)
  expect(forwards.prompts).toHaveLength(6)
  expect(forwards.grades.filter(({ verdict }) => verdict === 'correct')).toHaveLength(2)
  const [first, second] = orders.map(order => forwards.grades.find(({ id }) => id === order.id))
  expect(first).toMatchObject({ verdict: 'accepted', success_rate: 0 })
  expect(second).toMatchObject({ verdict: 'duplicate', success_rate: null })
})
