/** Schemas of one task and one rollout, as zod. */
import { z } from '@hono/zod-openapi'
import { outcomes } from '../../domain/execution.ts'
import { purposes, roles } from '../../domain/task.ts'
import { kindName } from './route.ts'
import { anyVerdict, pair, taskVerdicts } from './schemas.ts'

const execution = z
  .object({
    id: z.string(),
    step: z.int(),
    rolloutId: z.string(),
    program: z.string(),
    input: z.string(),
    outcome: z.enum(outcomes),
    output: z.string().nullable(),
    canonical: z.string().nullable(),
    error: z.string().nullable(),
    literal: z.boolean(),
    inputCanonical: z.string().nullable(),
    inputHash: z.string(),
    cpuMs: z.number(),
    peakMemoryBytes: z.int(),
  })
  .openapi('Execution')

const answer = z.object({
  id: z.string(),
  purpose: z.enum(purposes),
  role: z.enum(roles),
  kind: kindName,
  text: z.string(),
  finishReason: z.enum(['stop', 'length']),
  policyVersion: z.int(),
  seed: z.int(),
  parsed: z.string().nullable(),
  verdict: anyVerdict.nullable(),
  reason: z.string().nullable(),
  reward: z.number().nullable(),
  successRate: z
    .number()
    .nullable()
    .describe('For a proposal: the share of right answers to its task'),
  learnability: z.number().nullable(),
  tokens: z.int(),
  advantage: z
    .number()
    .nullable()
    .describe('Its advantage in the update; null if it was not trained on'),
})

const ancestor = z
  .object({
    generation: z.int().describe('Generations above the task; its parents have 1'),
    id: z.string(),
    hash: z.string(),
    step: z.int(),
    kind: kindName,
    program: z.string().nullable(),
    parents: z.array(z.string()).describe('Hashes of its parents; empty for a seed'),
  })
  .openapi('Ancestor')

export const taskDetail = z
  .object({
    task: z.object({
      id: z.string(),
      step: z.int(),
      purpose: z.enum(purposes),
      kind: kindName,
      verdict: z.enum(taskVerdicts),
      reason: z.string().nullable(),
      program: z.string().nullable(),
      normalized: z.string().nullable(),
      pairs: z.array(pair),
      message: z.string(),
      hash: z.string().nullable(),
      inputHash: z.string(),
    }),
    worth: z
      .object({
        successRate: z.number().nullable(),
        learnability: z.number().nullable(),
        reward: z.number().nullable(),
      })
      .nullable()
      .describe("Its success rate, and its proposer's reward"),
    parents: z
      .array(
        z.object({
          hash: z.string(),
          id: z.string().nullable(),
          program: z.string().nullable(),
        }),
      )
      .describe('The tasks in its prompt'),
    ancestry: z.array(ancestor).describe('Its ancestors up to the seeds, at most the nearest 150'),
    functions: z
      .array(
        z.object({
          hash: z.string(),
          file: z.string(),
          line: z.int(),
          name: z.string(),
          program: z.string(),
        }),
      )
      .describe("Functions of the user's own code among its ancestors (`propose.corpus`)"),
    proposal: answer.nullable(),
    answers: z.array(answer).describe("The solver's answers, at most 200"),
    executions: z.array(execution),
  })
  .openapi('TaskDetail')

const grade = z.object({
  id: z.string(),
  step: z.int(),
  role: z.enum(roles),
  kind: kindName,
  parsed: z.string().nullable(),
  verdict: anyVerdict,
  reason: z.string().nullable(),
  successRate: z.number().nullable(),
  learnability: z.number().nullable(),
  reward: z.number().nullable(),
  inputHash: z.string(),
})

export const rolloutDetail = z
  .object({
    rollout: z.object({
      id: z.string(),
      step: z.int(),
      purpose: z.enum(purposes),
      role: z.enum(roles),
      kind: kindName,
      taskHash: z.string().nullable(),
      promptHash: z.string(),
      text: z.string(),
      finishReason: z.enum(['stop', 'length']),
      policyVersion: z.int(),
      seed: z.int(),
      temperature: z.number(),
      inputHash: z.string(),
      sampleMs: z.number(),
    }),
    prompt: z.string(),
    ids: z.array(z.int()),
    logprobs: z.array(z.number()),
    tokens: z
      .array(z.string())
      .nullable()
      .describe('Texts of the ids; null if the vocabulary cannot be read'),
    grade: grade.nullable(),
    executions: z.array(execution),
    advantage: z
      .number()
      .nullable()
      .describe('Its advantage in the update; null if it was not trained on'),
  })
  .openapi('RolloutDetail')
