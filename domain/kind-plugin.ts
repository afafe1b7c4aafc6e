/**
 * The exports of `azr/kind`: the type of a custom kind of task (`kinds: [./my/kind.ts]`, the
 * default export of that file), and the building blocks of the built-in kinds.
 * docs/how-to/add-a-kind.md shows an example.
 */
export type { Execution, Inspection, Literal } from './execution.ts'
export type {
  Draft,
  Judgement,
  Proposal,
  ProposalContext,
  Question,
  SolvingContext,
  TaskKind,
  Tools,
  Validated,
  Words,
} from './kinds/kind.ts'
export {
  canonicalInputs,
  compareRuns,
  judgeInput,
  judgeOutput,
  judgeProgram,
  pairsOf,
  shownPairs,
  validateProgram,
} from './kinds/steps.ts'
export { codeRules, showReference } from './kinds/triplet.ts'
export {
  accept,
  fence,
  fences,
  lastFence,
  list,
  type Parsed,
  type Reader,
  refuse,
} from './prompts/reading.ts'
export type { TaskRules } from './settings.ts'
export type { Kind, Pair, Task } from './task.ts'
export { refuseProgram, refuseRuns } from './validate.ts'
