/** Checks of a proof: log-probabilities of engine and learner, and the memory of scoring. */
import {
  differences,
  type Gap,
  gapOf,
  type Look,
  type Resemblance,
} from '../../../domain/parity.ts'
import { precisionOf } from '../../config/backend.ts'
import { gigabytes } from '../../config/fit/index.ts'
import { bytesOf } from '../../config/fit/memory.ts'
import type { Check, Figures } from './rows.ts'
import type { Stage, Verdict } from './stage.ts'

const gapFigures = ({ tokens, mean, rms, p99, tail, largest }: Gap): Figures => {
  return { tokens, mean, rms, p99, 'p99.9': tail, largest }
}

const shareFigures = (name: string, found: Resemblance | null): Figures =>
  found === null ? {} : { [`share since ${name}`]: found.share, [`rms to ${name}`]: found.rms }

export const lookFigures = ({ scored, sampled, toLast, toBare }: Look): Figures => {
  return {
    ...gapFigures(scored),
    'rms of sampled': sampled.rms,
    ...shareFigures('the previous policy', toLast),
    ...shareFigures('the bare model', toBare),
  }
}

export const verdictOf = ({ look, suspect }: Verdict, more: Figures = {}) => {
  return {
    figures: { ...more, ...lookFigures(look) },
    detail: suspect ?? '',
    passed: suspect === null,
  }
}

export function parityCheck(stage: Stage): Check {
  return {
    name: 'parity at version 0',
    needs: ['engine starts', 'learner starts'],
    remedy:
      'engine and learner compute different models: see docs/explanation/parity.md, and report this ' +
      'table',
    async run() {
      const seconds = await stage.loadFirst()
      return verdictOf(await stage.compare(), { 'seconds of the load': seconds })
    },
  }
}

/** Sequences without common beginnings, as long as the longest of a run. */
function longest({ config }: Stage, rows: number): Int32Array[] {
  const vocabulary = Math.min(config.model.shape?.vocabulary ?? 40, 1000)
  const length = config.engine.maxLength
  return Array.from({ length: rows }, (_, row) =>
    Int32Array.from({ length }, (_, i) => 5 + ((i * 7 + row * 13 + 1) % (vocabulary - 6))),
  )
}

/** The rounding of the learner compared with itself, which the gate has to tolerate. */
export function selfCheck(stage: Stage): Check {
  const isExact = precisionOf(stage.config) === 'float32'
  return {
    name: 'learner compared with itself, two shapes',
    needs: ['learner starts'],
    remedy: 'the parity gate has to tolerate this noise: raise --parity.tolerance above its rms',
    async run() {
      const sequences = longest(stage, 4).map(ids => ids.subarray(0, Math.min(ids.length, 512)))
      const together = await stage.learner().score(sequences)
      const alone: Float32Array[] = []
      for (const ids of sequences) alone.push(...(await stage.learner().score([ids])))
      const gap = gapOf(differences(together, alone))
      return { figures: gapFigures(gap), passed: isExact ? gap.largest < 1e-3 : gap.rms < 0.15 }
    },
  }
}

const pollMs = 100

/** The least memory that was free during `work`, as the learner measured it. */
async function leastFree(stage: Stage, work: () => Promise<unknown>): Promise<number> {
  let least = (await stage.learner().memory()).freeBytes
  let isOver = false
  const watch = async () => {
    while (!isOver) {
      least = Math.min(least, await stage.freeBytes())
      await new Promise(resolve => setTimeout(resolve, pollMs))
    }
  }
  const watching = watch()
  await work().finally(() => {
    isOver = true
  })
  await watching
  return least
}

export function fullScoreCheck(stage: Stage): Check {
  const { config, fit } = stage
  return {
    name: 'score at full length, engine awake',
    needs: ['engine starts', 'learner starts'],
    remedy:
      'the learner has too little room next to the engine: lower --engine.memoryShare by the ' +
      'gigabytes that it lacks, or --trainer.microBatchTokens',
    async run() {
      const rows = Math.max(
        1,
        Math.floor(config.trainer.microBatchTokens / config.engine.maxLength),
      )
      const sequences = longest(stage, rows)
      let scores: Float32Array[] = []
      const free = await leastFree(stage, async () => {
        scores = await stage.learner().score(sequences)
      })
      const isWell = scores.every(row => row.every(Number.isFinite))
      const planned = gigabytes(bytesOf(fit.memory.resting))
      const { peakBytes } = await stage.learner().memory()
      return {
        figures: {
          tokens: rows * config.engine.maxLength,
          'least free, GB': gigabytes(free),
          'learner at most, GB': gigabytes(peakBytes),
          'planned, GB': planned,
        },
        detail: isWell ? '' : 'scores that are not numbers',
        passed: isWell,
      }
    },
  }
}
