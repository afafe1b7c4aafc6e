/**
 * The knobs that the rules read, as types. Defaults and reasons are in src/config. The compiler
 * checks the schema there against these types, so that the domain imports nothing from above.
 */
import type { EvaluationMode } from './task.ts'

export type RewardSettings = {
  correct: number
  wrong: number
  malformed: number
  invalid: number
  duplicate: number
  zeroLearnability: number
  induction: 'binary' | 'accuracy' | 'ifOneCorrect'
  source: 'executor' | 'random'
  randomRate: number
  complexity: number
  editDistance: number
  answerDiversity: number
  intrinsicCap: number
  combine: 'sum' | 'multiply' | 'sumMultiply' | 'multiplySum'
}

/** How texts of the r1 dialect are read. */
export type ReadingSettings = {
  rules: 'published' | 'strict'
  gate: boolean
  functions: 'any' | 'one'
  stop: boolean
  think: string
}

export type AdvantageSettings = {
  method: 'trr++' | 'grpo' | 'pass@k' | 'none'
  k: number
  weighting: 'token' | 'sequence'
  truncated: 'keep' | 'mask'
  zeroVariance: 'keep' | 'drop'
  proposerWeight: number
  solverWeight: number
  working: 'answer' | 'statements'
}

/** The limits of a proposal; lengths in characters. */
export type TaskRules = {
  maxOutputChars: number
  maxProgramChars: number
  bannedWords: string[]
  refuseDuplicates: boolean
  refuseUnread: boolean
  minDistinctOutputs: number
}

/** The knobs for proposing and drawing in a step. */
export type CurriculumSettings = {
  seed: number
  seeding: { size: number; rounds: number; references: number | null; inductionLast: boolean }
  propose: { references: number; draw: 'uniform' | 'recency'; corpusShare: number }
  solve: { batch: number; samples: number; fresh: number; draw: 'uniform' | 'learnability' }
}

export type EvaluationSettings = {
  steps: number
  evaluate: {
    suites: string[]
    items: number | null
    modes: EvaluationMode[]
    every: number
    start: boolean
    between: { suites: string[]; items: number | null; modes: EvaluationMode[] }
  }
}
