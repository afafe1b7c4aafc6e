/** Schemas of `learning` and `samples`, as zod. */
import { z } from '@hono/zod-openapi'
import { kindName } from './route.ts'
import { times } from './schemas.ts'

const interval = { low: z.number(), high: z.number() }

const line = z
  .object({
    suite: z.string(),
    kind: kindName,
    mode: z.string().describe('How answers are drawn and counted: greedy, sampled mean@8 …'),
    items: z.int(),
    set: z.string().describe('Equal sets contain the same items'),
    points: z.array(z.object({ step: z.int(), value: z.number(), ...interval })),
  })
  .openapi('Line')

const change = z.object({
  items: z.int().describe('Items that both evaluations judged'),
  before: z.number(),
  after: z.number(),
  difference: z.number(),
  interval: z.object(interval).describe('95 %, of the difference, paired over the items'),
})

export const suiteChange = change
  .extend({
    suite: z.string(),
    mode: z.string(),
    firstStep: z.int(),
    lastStep: z.int(),
    kinds: z.array(change.extend({ kind: kindName })),
  })
  .openapi('Change')

export const learningSchema = z
  .object({
    lines: z.array(line),
    changes: z.array(suiteChange),
    times,
    outcome: z.string().nullable().describe('One sentence; null before the first step is done'),
  })
  .openapi('Learning')

const answer = z.object({
  answer: z.string(),
  working: z.string().nullable().describe('The text before the answer'),
  verdict: z.string(),
  count: z.int(),
})

export const sampleSchema = z
  .object({
    id: z.string(),
    step: z.int(),
    kind: kindName,
    program: z.string(),
    pairs: z.array(z.object({ input: z.string(), output: z.string(), canonical: z.string() })),
    message: z.string(),
    successRate: z.number(),
    estimates: z.int().describe('The number of answers behind the success rate'),
    answers: z.array(answer),
  })
  .openapi('Sample')
