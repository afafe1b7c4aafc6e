/** Checks of a proof: sampling, and one update with its answers, compared with the plan. */
import type { Completion, TrainingBatch } from '../../engine/types.ts'
import { optionsOf } from '../work/options.ts'
import { concatInts } from '../work/training-batch.ts'
import type { Check } from './rows.ts'
import type { Stage } from './stage.ts'

/** Below this share of the plan, another program or another device must be in use. */
const least = 0.01
const longestAnswer = 128

/** One answer for each place of the engine, to the run's own prompts. */
async function sampled({ config, prompts, engine }: Stage): Promise<Completion[]> {
  const texts = Object.values(prompts)
  const count = Math.min(config.engine.maxBatch, config.engine.concurrency)
  return Promise.all(
    Array.from({ length: count }, (_, seed) => {
      const { text, answer } = texts[seed % texts.length] as (typeof texts)[number]
      const maxTokens = Math.min(answer, longestAnswer)
      return engine().sampler.complete({
        prompt: text,
        maxTokens,
        temperature: 1,
        topP: 1,
        seed,
        stop: [],
      })
    }),
  )
}

/** Every second answer is better than the mean. */
export function batchOf(answers: readonly Completion[]): TrainingBatch {
  const tokens = answers.reduce((sum, { ids }) => sum + ids.length, 0)
  const logprobs = answers.flatMap(answer => [...answer.logprobs])
  return {
    ids: concatInts(answers.flatMap(({ promptIds, ids }) => [promptIds, ids])),
    lengths: Int32Array.from(answers, ({ promptIds, ids }) => promptIds.length + ids.length),
    promptLengths: Int32Array.from(answers, ({ promptIds }) => promptIds.length),
    logprobs: Float32Array.from(logprobs),
    advantages: Float32Array.from(answers, (_, i) => (i % 2 ? 1 : -1)),
    weights: Float32Array.from(answers, () => 1 / tokens),
    minibatches: new Int32Array(answers.length),
    groups: new Int32Array(answers.length),
  }
}

const beside = (measured: number, planned: number) => {
  return { 'tokens a second': measured, planned, 'of the plan': measured / planned }
}

export function speedChecks(stage: Stage): Check[] {
  const { fit, config } = stage
  const kept: Completion[] = []
  const slow =
    'far slower than planned: look with nvidia-smi for what else uses the card, and its clock'
  const verdict = (figures: ReturnType<typeof beside>) => figures['of the plan'] > least
  return [
    {
      name: 'sampling',
      needs: ['engine killed and started again'],
      remedy: slow,
      async run() {
        await stage.engine().warm()
        const begun = performance.now()
        kept.push(...(await sampled(stage)))
        const seconds = (performance.now() - begun) / 1000
        const tokens = kept.reduce((sum, { ids }) => sum + ids.length, 0)
        const figures = beside(tokens / seconds, fit.tokens.completion / fit.seconds.sample)
        return { figures: { answers: kept.length, ...figures }, passed: verdict(figures) }
      },
    },
    {
      name: 'one update',
      needs: ['sampling', 'memory of an update'],
      remedy: `${slow}; a skipped step means that gradients are not numbers: report this table`,
      async run() {
        if (stage.sleeps) await stage.engine().sleep()
        const room = 2 * Math.max(config.trainer.microBatchTokens, config.engine.maxLength)
        const mean =
          kept.reduce((sum, c) => sum + c.promptIds.length + c.ids.length, 0) / kept.length
        const taken = kept.slice(0, Math.max(2, Math.floor(room / mean)))
        const options = optionsOf(config, 1)
        // The first update creates the moments, and on a card it compiles.
        await stage.learner().update(batchOf(taken.slice(0, 1)), options)
        const begun = performance.now()
        const batch = batchOf(taken)
        const report = await stage.learner().update(batch, options)
        const seconds = (performance.now() - begun) / 1000
        const figures = beside(batch.ids.length / seconds, fit.tokens.trained / fit.seconds.train)
        const isWell = report.skipped === null && Number.isFinite(report.mismatchKl)
        return {
          figures: { sequences: taken.length, ...figures, 'mismatch.kl': report.mismatchKl },
          detail: report.skipped ?? '',
          passed: isWell && verdict(figures),
        }
      },
    },
  ]
}
