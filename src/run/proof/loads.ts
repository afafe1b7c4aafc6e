/**
 * Checks of a proof: engine and learner take turns on one card, weights and adapters change, the
 * engine dies.
 */
import { rmSync } from 'node:fs'
import { givesAdapters, precisionOf } from '../../config/backend.ts'
import { gigabytes } from '../../config/fit/index.ts'
import { bytesOf } from '../../config/fit/memory.ts'
import { optionsOf } from '../work/options.ts'
import type { Check } from './rows.ts'
import { lookFigures, verdictOf } from './scores.ts'
import { changedCopy, type Stage } from './stage.ts'

const noSleep = ({ fit, sleeps }: Stage) => {
  if (sleeps) return null
  return fit.device === 'cpu' ? 'needs CUDA' : 'this preset does not sleep (engine.sleep)'
}

export function sleepCheck(stage: Stage): Check {
  return {
    name: 'engine sleeps',
    needs: ['parity at version 0'],
    unfit: noSleep(stage),
    remedy:
      'vLLM keeps memory when it sleeps: give engine and learner separate cards, or report this',
    async run() {
      const before = await stage.freeBytes()
      await stage.engine().sleep()
      const after = await stage.freeBytes()
      const held = stage.fit.hardware.memoryBytes - after
      return {
        figures: { 'given back, GB': gigabytes(after - before), 'still held, GB': gigabytes(held) },
        passed: after > before,
      }
    },
  }
}

/**
 * Computes the longest sequences, forward and backward, with the optimiser's memory, but takes no
 * step.
 */
export function probeCheck(stage: Stage): Check {
  const { config, fit } = stage
  return {
    name: 'memory of an update',
    needs: ['learner starts', ...(stage.sleeps ? ['engine sleeps'] : [])],
    remedy:
      'set --trainer.gradientCheckpointing=true, lower --trainer.microBatchTokens or --engine.maxLength',
    async run() {
      const { maxLength } = config.engine
      const found = await stage.learner().probe(maxLength, optionsOf(config, 1))
      const planned = bytesOf(fit.memory.learner)
      const asked = Math.max(config.trainer.microBatchTokens, maxLength)
      return {
        figures: {
          'tokens of a pass': found.microBatchTokens,
          'at most, GB': gigabytes(found.peakBytes),
          'planned, GB': gigabytes(planned),
          'of the plan': found.peakBytes / planned,
        },
        detail: found.microBatchTokens < asked ? `halved from ${asked} as memory was short` : '',
        passed: found.peakBytes < 1.15 * planned,
      }
    },
  }
}

/** A changed copy of version 0. */
const changed = (stage: Stage, name: string, seed: number) =>
  changedCopy(stage.place('fresh'), stage.place(name), seed)

/**
 * Loads a version (after a sleep, if the preset sleeps) and checks that the engine no longer
 * answers like the previous one.
 */
async function loadAndCompare(stage: Stage, path: string) {
  if (stage.sleeps) await stage.engine().sleep()
  const seconds = await stage.load(path)
  return verdictOf(await stage.compare(), { 'seconds of the load': seconds })
}

/** Whether the engine shows the change, and the change is far larger than rounding. */
function isTold(figures: Record<string, number | string>, name: string): boolean {
  const [share, far] = [figures[`share since ${name}`], figures[`rms to ${name}`]]
  return Number(share) > 0.5 && Number(far) > 2 * Number(figures.rms)
}

export function adapterChecks(stage: Stage): Check[] {
  const unfit = givesAdapters(stage.config)
    ? null
    : 'this preset loads whole weights into the engine'
  const remedy =
    'the adapter is bound to no layer, or a stale one answers: report this table with the versions'
  const told = async (path: string) => {
    const found = await loadAndCompare(stage, path)
    const isApart = isTold(found.figures, 'the bare model')
    const detail = found.detail || (isApart ? '' : 'it answers like the bare model')
    return { ...found, detail, passed: found.passed && isApart }
  }
  return [
    {
      name: 'adapter that changes answers',
      needs: ['parity at version 0'],
      unfit,
      remedy,
      run: async () => told(changed(stage, 'one', 1)),
    },
    {
      name: 'another adapter, then the first again',
      needs: ['adapter that changes answers'],
      unfit,
      remedy,
      async run() {
        const other = await told(changed(stage, 'two', 2))
        return other.passed ? told(stage.place('one')) : other
      },
    },
  ]
}

export function weightsCheck(stage: Stage): Check {
  const isWhole = !givesAdapters(stage.config)
  return {
    name: stage.sleeps ? 'changed weights after sleep at level 2' : 'changed weights',
    needs: ['parity at version 0'],
    unfit: isWhole
      ? null
      : 'this preset loads adapters into the engine, which then sleeps at level 1',
    remedy: 'the engine still has the old weights: report this table with the versions',
    async run() {
      const first = await loadAndCompare(stage, changed(stage, 'one', 1))
      if (!first.passed) return first
      const second = await loadAndCompare(stage, changed(stage, 'two', 2))
      for (const name of ['one', 'two']) rmSync(stage.place(name), { recursive: true, force: true })
      const isApart = isTold(second.figures, 'the previous policy')
      const detail = second.detail || (isApart ? '' : 'it answers like the previous policy')
      return { ...second, detail, passed: second.passed && isApart }
    },
  }
}

const graceMs = 30_000

/**
 * Kills the engine like the system does when memory is short, while it sleeps if the preset sleeps.
 */
export function deathCheck(stage: Stage): Check {
  const isHalf = precisionOf(stage.config) !== 'float32' && stage.fit.device === 'cuda'
  return {
    name: 'engine killed and started again',
    needs: ['parity at version 0'],
    remedy: 'look with nvidia-smi for processes that hold the card, and end them',
    async run() {
      const { engine, sleeps } = stage
      if (sleeps) await engine().sleep()
      const begun = performance.now()
      for (const pid of engine().pids()) process.kill(-pid, 'SIGKILL')
      const late = new Promise(resolve => setTimeout(resolve, graceMs, 'late').unref())
      const noticed = await Promise.race([engine().gone.catch(() => 'gone'), late])
      const seconds = (performance.now() - begun) / 1000
      await engine().stop()
      if (noticed === 'late') {
        return { figures: {}, detail: 'its death was not noticed', passed: false }
      }
      // A head in bfloat16, to show what an fp32 head is worth on this card.
      const half = isHalf ? await headInHalf(stage) : {}
      const again = performance.now()
      await stage.startEngine()
      await stage.loadFirst()
      const found = verdictOf(await stage.compare())
      const figures = {
        'noticed after, s': seconds,
        'started again in, s': (performance.now() - again) / 1000,
        ...half,
        rms: found.figures.rms as number,
      }
      return { ...found, figures }
    },
  }
}

async function headInHalf(stage: Stage) {
  await stage.startEngine({ isHeadHalf: true })
  await stage.loadFirst()
  const { look } = await stage.compare()
  await stage.engine().stop()
  const { rms = 0, 'p99.9': tail = 0 } = lookFigures(look)
  return { 'rms with a head in bfloat16': rms, 'p99.9 with it': tail }
}
