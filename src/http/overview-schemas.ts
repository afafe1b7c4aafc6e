/** Schemas of `overview`, `game`, `clock` and `palette`, as zod. */
import { z } from '@hono/zod-openapi'
import { purposes } from '../../domain/task.ts'
import { verdictStates } from '../../domain/verdict.ts'
import { suiteChange } from './learning-schemas.ts'
import { kindName } from './route.ts'
import { pair, taskVerdicts } from './schemas.ts'

const point = z.object({
  step: z.int(),
  value: z.number(),
  low: z.number(),
  high: z.number(),
})

const suiteLine = z
  .object({
    suite: z.string(),
    mode: z.string(),
    kinds: z.array(kindName),
    items: z.int().describe('For all kinds together'),
    points: z.array(point).describe('Means over the kinds with 95 % intervals'),
    change: suiteChange.nullable().describe('Paired over the items; null before two scores'),
  })
  .openapi('SuiteLine')

export const overviewSchema = z
  .object({
    verdict: z
      .object({
        state: z.enum(verdictStates),
        title: z.string(),
        why: z.array(z.string()).describe('Sentences, the most important first'),
      })
      .describe('Whether it learns'),
    suites: z.array(suiteLine),
    headlines: z.array(z.string()).describe('The suites that the verdict looks at'),
    stepMs: z.number().nullable().describe('Mean duration of the last steps, without suites'),
    leftMs: z
      .number()
      .nullable()
      .describe('Estimated time to the end, including held-out suites; null before the first step'),
  })
  .openapi('Overview')

const played = z.object({
  id: z.string(),
  step: z.int(),
  purpose: z.enum(purposes),
  kind: kindName,
  verdict: z.enum(taskVerdicts),
  reason: z.string().nullable(),
  program: z.string().nullable().describe('The first 2,000 characters'),
  hash: z.string().nullable(),
  successRate: z.number().nullable().describe('null while it is being answered'),
  learnability: z.number().nullable(),
  reward: z.number().nullable().describe("The proposer's reward"),
})

const stage = played.extend({
  pairs: z.array(pair),
  message: z.string(),
  policyVersion: z.int(),
  verdicts: z
    .array(z.string().nullable())
    .describe('The verdict on each answer, in order of arrival; null if not judged yet'),
  expected: z.int().describe('Answers per estimate of a task'),
  answers: z
    .array(
      z.object({
        answer: z.string(),
        working: z.string().nullable(),
        verdict: z.string(),
        count: z.int(),
      }),
    )
    .describe('Equal answers grouped, the right ones first'),
})

export const gameSchema = z
  .object({
    stage: stage.nullable().describe('The task that is being answered, or the last one that was'),
    recent: z.array(played).describe('Proposals of the same step, newest first'),
  })
  .openapi('Game')

const numbers = z.array(z.number())
export const clockSchema = z
  .object({
    step: z.array(z.int()),
    time: numbers.describe('Seconds of work'),
    samples: numbers.describe('Completions of self-play'),
    tokens: numbers.describe('Tokens of these completions'),
  })
  .describe('Running totals at each finished step, by column')
  .openapi('StepClock')

const color = z.string().regex(/^#[0-9a-f]{6}$/)
export const colorSchema = z
  .object({ name: z.string(), means: z.string(), light: color, dark: color })
  .openapi('Color')
