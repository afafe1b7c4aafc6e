/** Two proposals that are one task in other words: what is asked and paid depends on no arrival. */
import { beforeEach, expect, test } from 'vitest'
import type { ProposeOrder } from '../../../actors/messages.ts'
import type { Sandbox } from '../../../domain/execution.ts'
import { formatKey } from '../../../domain/key.ts'
import { micro } from '../../../domain/prompts/micro.ts'
import { configSchema } from '../../../src/config/config.ts'
import { draftAnswer, gradeAnswer } from '../../../src/run/work/answer.ts'
import { emptySession, type Ports } from '../../../src/run/work/ports.ts'
import { checkProposal, draftProposal } from '../../../src/run/work/propose.ts'
import { gradeProposals } from '../../../src/run/work/score.ts'
import { settleKind } from '../../../src/run/work/settle.ts'
import { createVerdicts } from '../../../src/run/work/verdicts.ts'
import { openRun } from '../../../state/open.ts'
import { temporary } from '../../temporary.ts'

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

const facts = { normalized: 'def f(a):\n    return a + 1', functions: ['f'] }
const execution = {
  outcome: 'returned',
  output: '5',
  canonical: '5',
  error: null,
  literal: true,
  inputCanonical: '4',
  cpuMs: 1,
  peakMemoryBytes: 1,
}
const sandbox = {
  inspect: async () => ({ ok: true, facts: { ...facts, imports: [], names: [], classes: [] } }),
  execute: async () => [execution],
  readLiteral: async (text: string) => ({ ok: true, canonical: text, display: text }),
} as unknown as Sandbox

/** The plain program is answered wrongly, the one with a comment right. */
const answerTo = (prompt: string) => (prompt.includes('# one more') ? '<A>5' : '<A>6')

/** A step whose proposals are checked in the order given; its facts. */
async function play(name: string, arrivals: ProposeOrder[]) {
  const row = { name, preset: 'x', seed: 1, config: {}, versions: {}, created_at_ms: 0 }
  const { store, release } = await openRun(home, name, row)
  const drafts = new Map(orders.map(({ id }, i) => [id, [plain, commented][i] as string]))
  let drafting = ''
  const complete = async ({ prompt }: { prompt: string }) => ({
    text: drafts.get(drafting) ?? answerTo(prompt),
    promptIds: new Int32Array([1]),
    ids: new Int32Array([2]),
    logprobs: new Float32Array([0]),
    finishReason: 'stop',
  })
  const ports = {
    config,
    plugins: { reward: null },
    sandbox,
    store,
    dialect: micro,
    session: emptySession(1),
    verdicts: createVerdicts(sandbox),
    engine: () => ({ sampler: { complete } }),
  } as unknown as Ports
  await store.beginStep(1)
  ports.session.proposals = orders
  for (const order of arrivals) {
    drafting = order.id
    await draftProposal(ports, order, 0, signal)
    drafting = ''
    const checked = await checkProposal(ports, order, signal)
    const wording = (checked as { wording: string }).wording
    for (const sample of [0, 1]) {
      const key = { step: 1, purpose: 'estimate', kind: 'deduction', index: wording } as const
      const answer = { id: formatKey({ ...key, sample }), attempt: 0, kind: 'deduction' as const }
      await draftAnswer(ports, { ...answer, task: wording }, 0, signal)
      await gradeAnswer(ports, { ...answer, task: wording }, signal)
    }
  }
  await settleKind(ports, { step: 1, round: 0, version: 0, kind: 'deduction' })
  await gradeProposals(ports)
  const prompts = store.rowsOf('rollouts').map(({ id, prompt_hash }) => [id, prompt_hash])
  const grades = store
    .rowsOf('grades')
    .map(({ id, verdict, success_rate, reward }) => ({ id, verdict, success_rate, reward }))
  await release()
  return { prompts, grades }
}

test('the first of them in id order is accepted and paid for the answers to its own words', async () => {
  const forwards = await play('forwards', orders)
  const backwards = await play('backwards', orders.toReversed())
  expect(backwards).toEqual(forwards)
  expect(forwards.prompts).toHaveLength(6)
  expect(forwards.grades.filter(({ verdict }) => verdict === 'correct')).toHaveLength(2)
  const [first, second] = orders.map(order => forwards.grades.find(({ id }) => id === order.id))
  expect(first).toMatchObject({ verdict: 'accepted', success_rate: 0 })
  expect(second).toMatchObject({ verdict: 'duplicate', success_rate: null })
})
