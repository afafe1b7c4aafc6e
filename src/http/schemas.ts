/** What the API gives, as zod: the OpenAPI document is made of these. */
import { z } from '@hono/zod-openapi'
import { evaluationModes, kinds } from '../domain/task.ts'

export const runSummary = z
  .object({
    id: z.string(),
    preset: z.string(),
    seed: z.int(),
    steps: z.int().describe('Updates that the config asks for'),
    step: z.int().nullable().describe('Last finished step'),
    status: z.enum(['running', 'paused', 'finished', 'stopped', 'failed']),
    pid: z.int().nullable(),
    created_at_ms: z.number(),
  })
  .openapi('RunSummary')

export const runDetail = runSummary
  .extend({
    config: z.unknown(),
    versions: z.record(z.string(), z.string()),
    lineage: z.unknown(),
    events: z.array(
      z.object({ seq: z.int(), at_ms: z.number(), event: z.string(), detail: z.unknown() }),
    ),
  })
  .openapi('Run')

export const stepSchema = z
  .object({
    step: z.int(),
    policy_version: z.int(),
    proposals: z.int(),
    accepted: z.int(),
    rollouts: z.int(),
    executions: z.int(),
    trained: z.int(),
    wall_ms: z.number(),
    rolling_ms: z.number(),
    learner_ms: z.number(),
    evaluate_ms: z.number(),
    own_cpu_ms: z.number(),
  })
  .openapi('Step')

const pair = z.object({ input: z.string(), output: z.string(), canonical: z.string() })

export const taskSchema = z
  .object({
    id: z.string(),
    step: z.int(),
    kind: z.enum(kinds),
    verdict: z.enum(['accepted', 'duplicate', 'refused']),
    reason: z.string().nullable(),
    program: z.string().nullable(),
    pairs: z.array(pair),
    message: z.string(),
    hash: z.string().nullable(),
    success_rate: z.number().nullable(),
    reward: z.number().nullable(),
  })
  .openapi('Task')

export const taskDetail = z
  .object({
    task: z.record(z.string(), z.unknown()),
    parents: z.array(z.record(z.string(), z.unknown())).describe('Tasks that stood in its prompt'),
    proposal: z.record(z.string(), z.unknown()).nullable(),
    answers: z.array(z.record(z.string(), z.unknown())),
    executions: z.array(z.record(z.string(), z.unknown())),
  })
  .openapi('TaskDetail')

export const rolloutDetail = z
  .object({
    rollout: z.record(z.string(), z.unknown()),
    prompt: z.string(),
    ids: z.array(z.int()),
    logprobs: z.array(z.number()),
    grade: z.record(z.string(), z.unknown()).nullable(),
    executions: z.array(z.record(z.string(), z.unknown())),
  })
  .openapi('RolloutDetail')

export const metricsSchema = z
  .record(z.string(), z.array(z.tuple([z.int(), z.number()])))
  .openapi('Metrics')

export const evaluationSchema = z
  .object({
    suite: z.string(),
    step: z.int(),
    kind: z.enum(kinds),
    mode: z.enum(evaluationModes),
    items: z.int(),
    samples: z.int(),
    correct: z.int(),
    accuracy: z.number(),
    passed: z.int(),
    scratched: z.int(),
    deviation: z.number(),
  })
  .openapi('Evaluation')

export const machineSchema = z
  .object({
    actor: z.string(),
    state: z.string(),
    since_ms: z.number(),
    deadline_ms: z.number(),
    last_message: z.object({ type: z.string(), at_ms: z.number() }).nullable(),
  })
  .openapi('Machine')
