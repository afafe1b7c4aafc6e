/**
 * The settings of `--as-published`: every knob in which our default or preset differs from the
 * scripts that were published with the paper. Sizes are the preset's own.
 * docs/explanation/deviations.md gives our reasons, and a test compares it with this list.
 */
import type { Override } from './load.ts'

const values: Record<string, unknown> = {
  'reading.rules': 'published',
  'reading.gate': true,
  'reading.functions': 'one',
  'reading.stop': false,
  'seeding.shared': true,
  'seeding.comments': 'remove',
  'seeding.inductionLast': true,
  'seeding.references': null,
  'sandbox.timeoutMs': 10_000,
  'sandbox.taskShare': 1,
  'propose.draw': 'uniform',
  'propose.extras': 'dropped',
  'propose.composite': 0,
  'propose.corpus': null,
  'propose.parameters': 0,
  'task.refuseUnread': false,
  'propose.instances': 0,
  'propose.train': true,
  'estimate.samples': 8,
  'estimate.reuse': false,
  'solve.on': 'previous',
  'solve.samples': 1,
  'solve.fresh': 1,
  'solve.draw': 'uniform',
  'task.refuseDuplicates': false,
  'task.minDistinctOutputs': 1,
  'reward.zeroLearnability': -0.5,
  'reward.induction': 'binary',
  'reward.source': 'executor',
  'reward.complexity': 0,
  'reward.editDistance': 0,
  'reward.answerDiversity': 0,
  'advantage.method': 'trr++',
  'advantage.weighting': 'token',
  'advantage.truncated': 'keep',
  'advantage.zeroVariance': 'keep',
  'propose.recall': 0,
  'trainer.method': 'full',
  'trainer.learningRate': 1e-6,
  'trainer.decaySteps': 0,
  'trainer.weightDecay': 0.01,
  'trainer.entropyCoefficient': 0.001,
  'trainer.clipLow': 0.2,
  'trainer.clipHigh': 0.2,
  'trainer.importance': 'truncated',
  'trainer.importanceCap': 0,
  'trainer.minibatches': 1,
  'evaluate.every': 10,
  'checkpoint.every': 10,
}

/** The published settings. Flags of the command line are applied later and win. */
export const asPublished: Override[] = Object.entries(values).map(([path, value]) => ({
  path,
  value: JSON.stringify(value),
}))
