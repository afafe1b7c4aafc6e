/**
 * Compares a config with a card or a machine: what it needs, whether that fits, and what makes it
 * fit. Pure.
 */

import { parametersOf, type Shape } from '../../../domain/shape.ts'
import { haveOwnCards, processesOf } from '../backend.ts'
import type { Config } from '../config.ts'
import { bytesOf, type Device, gib, type Memory, memoryOf } from './memory.ts'
import { type Hardware, type Seconds, scoredOf, secondsOf, type Tokens, tokensOf } from './time.ts'

export type Fit = {
  parameters: number
  /** Cards that share the learner. `memory.learner` is for one of them. */
  cards: number
  device: Device
  hardware: Hardware
  memory: Memory
  fits: boolean
  /** Flags that make it fit, together; null if no known flags do. */
  cure: string[] | null
  /**
   * vLLM on CUDA: the share of the card that the engine may use next to the learner, or in turn
   * with it.
   */
  memoryShare: number | null
  tokens: Tokens
  /** Answers of each score of the curve, and the steps between scores. */
  scored: { answers: number; every: number }
  seconds: Seconds
}

/** Less than all: allocators round up, and other processes use the card. */
const usable = { cuda: 0.94, cpu: 0.85 }

type Remedy = { flag: string; apply: (config: Config) => Config | null }

const trainer = (flag: string, change: Partial<Config['trainer']>): Remedy => ({
  flag,
  apply: config => ({ ...config, trainer: { ...config.trainer, ...change } }),
})

/** Remedies that are possible, the cheapest first. */
function remediesOf(config: Config, device: Device): Remedy[] {
  const { engine, trainer: learner } = config
  const tokens = engine.maxLength
  const list: (Remedy | false)[] = [
    trainer('--trainer.gradientCheckpointing=true', { gradientCheckpointing: true }),
    learner.microBatchTokens > tokens &&
      trainer(`--trainer.microBatchTokens=${tokens}`, { microBatchTokens: tokens }),
    device === 'cuda' &&
      engine.kind === 'vllm' && {
        flag: '--engine.sleep=true',
        apply: c => ({ ...c, engine: { ...c.engine, sleep: true } }),
      },
    engine.maxBatch > 16 && {
      flag: '--engine.maxBatch=16',
      apply: c => ({ ...c, engine: { ...c.engine, maxBatch: 16 } }),
    },
    device === 'cuda' && trainer('--trainer.dtype=bfloat16', { dtype: 'bfloat16' }),
    device === 'cuda' && trainer('--trainer.optimizer=adamwCpu', { optimizer: 'adamwCpu' }),
    trainer('--trainer.method=lora', { method: 'lora', optimizer: 'adamw' }),
  ]
  return list.filter(remedy => remedy !== false)
}

/** The usable memory. On a card it is at most what is free, because a desktop uses some. */
const roomOf = ({ memoryBytes, freeBytes = memoryBytes }: Hardware, device: Device) =>
  Math.min(memoryBytes * usable[device], freeBytes)

const fitsIn = (memory: Memory, hardware: Hardware, device: Device) =>
  memory.peak <= roomOf(hardware, device)

/** The first that is enough alone, or as many as are needed, in order. */
function cureOf(config: Config, shape: Shape, hardware: Hardware, device: Device) {
  const remedies = remediesOf(config, device)
  const fits = (candidate: Config | null) =>
    candidate !== null && fitsIn(memoryOf(candidate, shape, device), hardware, device)
  const alone = remedies.find(({ apply }) => fits(apply(config)))
  if (alone) return [alone.flag]
  const taken: string[] = []
  let changed = config
  for (const { flag, apply } of remedies) {
    changed = apply(changed) ?? changed
    taken.push(flag)
    if (fits(changed)) return taken
  }
  return null
}

function shareOf(config: Config, memory: Memory, hardware: Hardware, device: Device) {
  const { engine } = config
  if (device !== 'cuda' || engine.kind !== 'vllm') return null
  // vLLM does not count the memory for scoring a prompt in its share.
  const { scoring: theirs = 0 } = memory.engine
  const { scoring: mine = 0, ...resting } = memory.resting
  const scored = Math.max(theirs, mine)
  const asleep = bytesOf(resting) + scored
  const beside = engine.sleep ? asleep : Math.max(asleep, bytesOf(memory.learner) + theirs)
  const left = roomOf(hardware, device) - (haveOwnCards(config) ? theirs : beside)
  return Math.max(0, Math.floor((left / hardware.memoryBytes) * 100) / 100)
}

export function fitOf(
  config: Config,
  shape: Shape,
  { hardware, device }: { hardware: Hardware; device: Device },
): Fit {
  const memory = memoryOf(config, shape, device)
  const fits = fitsIn(memory, hardware, device)
  return {
    parameters: parametersOf(shape).all,
    device,
    hardware,
    memory,
    fits,
    cards: device === 'cuda' ? processesOf(config) : 1,
    cure: fits ? [] : cureOf(config, shape, hardware, device),
    memoryShare: fits ? shareOf(config, memory, hardware, device) : null,
    tokens: tokensOf(config),
    scored: { answers: scoredOf(config), every: config.evaluate.every },
    seconds: secondsOf(config, shape, hardware),
  }
}

export const gigabytes = (bytes: number) => bytes / gib
