/**
 * Schemas of lists, as zod, from which the OpenAPI document is made. Schemas of single things are
 * in detail-schemas.ts.
 */
import { z } from '@hono/zod-openapi'
import { evaluationModes, purposes, roles } from '../../domain/task.ts'
import { labelsSchema } from './labels.ts'
import { kindName } from './route.ts'

export const verdicts = ['correct', 'wrong', 'malformed', 'ungraded'] as const
export const taskVerdicts = ['accepted', 'duplicate', 'refused'] as const
export const anyVerdict = z.enum([...verdicts, ...taskVerdicts])
export const runStatus = z.enum(['running', 'paused', 'finished', 'stopped', 'failed'])

export const runSummary = z
  .object({
    id: z.string(),
    preset: z.string(),
    seed: z.int(),
    steps: z.int().describe('Updates that the config asks for'),
    step: z.int().nullable().describe('Last finished step'),
    status: runStatus,
    pid: z.int().nullable(),
    createdAtMs: z.number(),
    parent: z
      .object({ id: z.string(), step: z.int() })
      .nullable()
      .describe('The run that it was forked from, or that it scores'),
    labels: labelsSchema,
  })
  .openapi('RunSummary')

export const runEvent = z.object({
  seq: z.int(),
  atMs: z.number(),
  processPid: z.int(),
  event: z.string(),
  detail: z.unknown(),
})

const color = z.string().regex(/^#[0-9a-f]{6}$/)

const kindShown = z
  .object({
    name: kindName,
    label: z.string(),
    asks: z
      .string()
      .describe('The question to a solver, with {input}, {output} and {pairs} to fill in'),
    colors: z.object({ light: color, dark: color }),
    shownShare: z
      .number()
      .describe('Share of the pairs that the solver sees; they are the first ones'),
  })
  .openapi('Kind')

const reasons = z.array(z.object({ reason: z.string(), count: z.int() }))

const corpusCounts = z.object({
  folder: z.string(),
  files: z.int(),
  functions: z.int(),
  kept: z.int(),
  skipped: reasons.describe('Why functions were left out, the commonest first'),
  unread: reasons.describe('Why whole files were left out, the commonest first'),
})

export const runDetail = runSummary
  .extend({
    config: z.unknown(),
    versions: z.record(z.string(), z.string()),
    kinds: z.array(kindShown).describe('The kinds of task that it knows'),
    lineage: z.unknown(),
    corpus: corpusCounts
      .nullable()
      .describe("The counts of the user's own code (`propose.corpus`); null if it was given none"),
    command: z
      .string()
      .nullable()
      .describe('The command line that repeats it; null if there is none'),
    events: z.array(runEvent).describe('The last events, newest first'),
  })
  .openapi('Run')

export const stepSchema = z
  .object({
    step: z.int(),
    policyVersion: z.int(),
    proposals: z.int(),
    accepted: z.int(),
    rollouts: z.int(),
    executions: z.int(),
    trained: z.int(),
    wallMs: z.number(),
    rollingMs: z.number(),
    learnerMs: z.number(),
    evaluateMs: z.number(),
    ownCpuMs: z.number(),
    endedAtMs: z.number().nullable().describe('null if unknown'),
  })
  .openapi('Step')

export const pair = z.object({ input: z.string(), output: z.string(), canonical: z.string() })

export const taskSchema = z
  .object({
    id: z.string(),
    step: z.int(),
    kind: kindName,
    verdict: z.enum(taskVerdicts),
    reason: z.string().nullable(),
    program: z
      .string()
      .nullable()
      .describe("The first 1,000 characters; the task's own route returns all"),
    pairs: z.array(pair),
    message: z.string(),
    hash: z.string().nullable(),
    successRate: z.number().nullable(),
    reward: z.number().nullable(),
  })
  .openapi('Task')

export const rolloutSchema = z
  .object({
    id: z.string(),
    step: z.int(),
    purpose: z.enum(purposes),
    role: z.enum(roles),
    kind: kindName,
    taskHash: z.string().nullable(),
    text: z.string().describe("The first 1,000 characters; the rollout's own route returns all"),
    tokens: z.int(),
    advantage: z
      .number()
      .nullable()
      .describe('Its advantage in the update; null if it was not trained on'),
    successRate: z
      .number()
      .nullable()
      .describe('For a proposal: the share of right answers to its task'),
    finishReason: z.enum(['stop', 'length']),
    policyVersion: z.int(),
    verdict: anyVerdict.nullable(),
    reason: z.string().nullable(),
    reward: z.number().nullable(),
  })
  .openapi('Rollout')

/** Written by hand: OpenAPI 3.1 has `prefixItems` for tuples, which the generator does not know. */
export const point = z
  .tuple([z.int(), z.number()])
  .openapi({ type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 2 })

/** The times by which curves are drawn over time. */
export const times = z.array(point).describe('When each step ended: [step, ms since the epoch]')

export const metricsSchema = z
  .object({ curves: z.record(z.string(), z.array(point)), times })
  .openapi('Metrics')

export const evaluationSchema = z
  .object({
    suite: z.string(),
    step: z.int(),
    madeIn: z.int().describe('The step that scored it; for the base it is the last one'),
    kind: kindName,
    mode: z.enum(evaluationModes),
    items: z.int(),
    samples: z.int(),
    correct: z.int(),
    accuracy: z.number(),
    passed: z.int(),
    scratched: z.int(),
    cut: z.int(),
    deviation: z.number(),
  })
  .openapi('Evaluation')

export const machineSchema = z
  .object({
    actor: z.string(),
    state: z.string(),
    sinceMs: z.number(),
    deadlineMs: z.number(),
    lastMessage: z.object({ type: z.string(), atMs: z.number() }).nullable(),
  })
  .openapi('Machine')
