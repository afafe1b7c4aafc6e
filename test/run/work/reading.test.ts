/**
 * Texts on which the published reader and ours were compared. `published` is the result of the
 * published code. `ours` differs where it misses an answer by an oversight.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { builtInKinds } from '../../../domain/kinds/index.ts'
import { dialectOf } from '../../../domain/prompts/index.ts'
import type { Task } from '../../../domain/task.ts'
import { configSchema } from '../../../src/config/config.ts'
import { judgeAnswer } from '../../../src/run/work/answer.ts'
import { contextOf } from '../../../src/run/work/propose.ts'
import { createVerdicts } from '../../../src/run/work/verdicts.ts'
import { holdSandbox } from '../../sandbox/hold.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

type Answer = { about: string; kind: string; text: string; published: string; ours: string }
type Program = [code: string, input: string] | null
type Proposal = { about: string; text: string; published: Program; ours: Program }
const path = join(import.meta.dirname, '..', '..', 'fixtures', 'reading.json')
const { task, answers, proposals } = JSON.parse(readFileSync(path, 'utf8')) as {
  task: { program: string; input: string; output: string }
  answers: Answer[]
  proposals: Proposal[]
}

const { sandbox } = holdSandbox()
const config = configSchema.parse({})
const dialect = dialectOf(config, builtInKinds.all)

function askedOf(kind: string): Task {
  const { program } = task
  const pair = (input: number) => {
    return { input: `${input}`, output: `${input + 1}`, canonical: `${input + 1}` }
  }
  const pairs = kind === 'induction' ? [1, 2, 5, 6].map(pair) : [pair(2)]
  return { id: 'x', kind, program, normalized: program, pairs, message: '', hash: kind }
}

const verdictOn = async ({ kind, text }: Answer, given = dialect) => {
  const verdicts = createVerdicts(sandbox())
  const ports = { kinds: builtInKinds, config, dialect: given, verdicts }
  const answer = { id: '1.solve.x.0.0', text, finish_reason: 'stop' }
  const { signal } = new AbortController()
  return (await judgeAnswer(ports, answer, askedOf(kind), 'binary', signal)).verdict
}

describe('an answer', () => {
  test.each(answers)('$kind, $about: $ours (published: $published)', async answer => {
    expect(await verdictOn(answer)).toBe(answer.ours)
  })

  test('what the published code takes for right is right', () => {
    const missed = answers.filter(
      ({ published, ours }) => published === 'correct' && ours !== published,
    )
    expect(missed).toEqual([])
  })

  test('strict reading accepts less, and calls unreadable answers malformed', async () => {
    const strict = dialectOf(
      { ...config, reading: { ...config.reading, rules: 'strict' } },
      builtInKinds.all,
    )
    const found = await Promise.all(answers.map(answer => verdictOn(answer, strict)))
    const differs = answers.filter((answer, i) => found[i] !== answer.ours)
    expect(differs.length).toBeGreaterThan(20)
    expect(differs.filter(({ ours }) => ours === 'malformed').map(({ about }) => about)).toEqual([
      'an answer that never ends',
    ])
  })
})

test.each(proposals)('a proposal, $about', ({ text, ours }) => {
  const order = { id: 'x', attempt: 0, kind: 'deduction', references: [], program: null }
  const context = contextOf(config, { of: () => askedOf('deduction') } as never, order)
  const read = dialect.parseProposal('deduction', text, context)
  expect(read.ok ? [read.value.program, read.value.inputs[0]] : null).toEqual(ours)
})
