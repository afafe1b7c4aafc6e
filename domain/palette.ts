/**
 * The colours of curves and marks: each means one thing wherever it is drawn. Kinds bring their own
 * (kinds/). All stand out from the page's light and dark ground by a contrast of 3 or more.
 */
import { outcomes } from './execution.ts'

export type Color = { name: string; means: string; light: string; dark: string }

const color = (name: string, means: string, light: string, dark: string): Color => {
  return { name, means, light, dark }
}

const ofOutcomes: Record<(typeof outcomes)[number], [light: string, dark: string]> = {
  returned: ['#4b6a88', '#8fb0cf'],
  raised: ['#8a5f0e', '#d9ab54'],
  timedOut: ['#7c2d5e', '#d98cb8'],
  memoryExceeded: ['#5b4a8a', '#a99bd6'],
  outputTooLong: ['#336b6b', '#86bdbd'],
  nondeterministic: ['#80433d', '#cf938c'],
  rejected: ['#66662b', '#bdbd7a'],
  crashed: ['#a11d4f', '#f07ba6'],
  ungraded: ['#6a6f78', '#989fa9'],
}

/** Runs that are compared have these in the order in which they are chosen. */
const ofRuns: readonly (readonly [light: string, dark: string])[] = [
  ['#2f56b8', '#8db0ff'],
  ['#b4500f', '#f2a265'],
  ['#0f7a5c', '#5fcfa8'],
  ['#9a2f86', '#e596d6'],
  ['#7a6500', '#d6c04a'],
  ['#5b4bb5', '#b3a6f7'],
  ['#a8324a', '#f292a5'],
  ['#236f8f', '#78c0de'],
]

export const palette: readonly Color[] = [
  color('right', 'right answers, tasks that are always solved', '#15773a', '#4fc97f'),
  color('wrong', 'wrong answers, tasks that are never solved', '#b03127', '#f08a7d'),
  color('proposer', 'the proposer', '#b02a6b', '#f284b6'),
  color('solver', 'the solver', '#0b6b7e', '#4fc3d4'),
  color('all', 'a figure of all rollouts', '#44506a', '#aab6cf'),
  color('greedy', 'held-out: the likeliest answer', '#3b3f8f', '#a3a8f5'),
  color('sampled', 'held-out: the mean of several answers', '#96660a', '#e3b449'),
  color('pass', 'held-out: one right answer of several', '#8e4585', '#d79bcf'),
  color('direct', 'held-out: made to answer at once', '#5c6570', '#a3adba'),
  color('scratch', 'held-out: made to begin with its working', '#4d6b1f', '#a5c76b'),
  color('time-sampling', 'time for sampling and judging', '#2c6c8a', '#74b6d4'),
  color('time-learning', 'time for learning', '#945a1a', '#dba15e'),
  color('time-scoring', 'time for held-out suites', '#5b7629', '#a9c46c'),
  color('time-rest', 'time for everything else', '#6b6560', '#a8a29c'),
  color('parity-most', 'largest difference of engine and learner', '#8c3b17', '#e8946b'),
  color('parity-mean', 'mean difference of engine and learner', '#2f5f5a', '#7fc0b8'),
  ...ofRuns.map(([light, dark], i) =>
    color(`run-${i + 1}`, `run ${i + 1} of those compared`, light, dark),
  ),
  ...outcomes.map(name => color(`outcome-${name}`, `programs: ${name}`, ...ofOutcomes[name])),
]
