/** Computes the tokens and the time of a step from a small table of hardware. Pure. */

import { cacheBytes, parametersOf, type Shape } from '../../../domain/shape.ts'
import { backendOf, processesOf } from '../backend.ts'
import type { Config } from '../config.ts'

export type Hardware = {
  name: string
  /** Dense floating-point operations per second. `bandwidth` is memory bytes per second. */
  flops: number
  bandwidth: number
  memoryBytes: number
  /** The free memory of an existing card. */
  freeBytes?: number
}

const card = (name: string, gigabytes: number, flops: number, bandwidth: number): Hardware => {
  return { name, flops, bandwidth, memoryBytes: gigabytes * 2 ** 30 }
}

/** Dense bf16 with fp32 sums, from the vendors' data sheets. */
export const cards: Record<number, Hardware> = {
  8: card('8 GB (4060)', 8, 30e12, 0.27e12),
  12: card('12 GB (4070)', 12, 58e12, 0.5e12),
  16: card('16 GB (4060 Ti)', 16, 44e12, 0.29e12),
  24: card('24 GB (4090)', 24, 165e12, 1.01e12),
  48: card('48 GB (L40S)', 48, 362e12, 0.86e12),
  80: card('80 GB (H100)', 80, 989e12, 3.35e12),
}

/** An estimate for fp32 on a current machine. `--probe` measures it. */
export function processorOf(cores: number, memoryBytes: number): Hardware {
  const name = `${cores} cores`
  return { name, flops: cores * 40e9, bandwidth: 10e9 + cores * 2e9, memoryBytes }
}

/**
 * Shares of the hardware's limits that engines and learners reach, on a card and on a processor:
 * estimates.
 */
const reaches = {
  card: { decode: 0.5, prefill: 0.4, train: 0.35 },
  processor: { decode: 0.5, prefill: 0.6, train: 0.6 },
}
/**
 * Estimates for the machine of a card: bytes per second over the card's bus, and of its main
 * memory.
 */
const machine = { bus: 20e9, memory: 30e9 }
const isCard = ({ flops }: Hardware) => flops > 1e13
/**
 * Estimates for the r1 dialect: mean lengths of prompts and answers (measured: 0.4 M and 0.2 M for
 * 384), items of a suite.
 */
const typical = { prompt: 1000, answer: 500, items: 300 }

/** `trained` are all tokens that the learner passes, `scored` those that the loss covers. */
export type Tokens = {
  samples: number
  prompt: number
  completion: number
  trained: number
  scored: number
}

export function tokensOf(config: Config): Tokens {
  const { kinds, propose, estimate, solve, engine } = config
  const answer = (most: number) => Math.min(most, typical.answer)
  const prompt = Math.min(typical.prompt, engine.maxLength / 2)
  const proposed = kinds.length * propose.batch
  const estimated = proposed * estimate.samples
  // Tasks whose estimate is trained on, if all proposals are valid. The others are answered again.
  const fresh = Math.min(Math.round(solve.batch * solve.fresh), propose.batch)
  const reused = estimate.reuse ? kinds.length * fresh : 0
  const answered = kinds.length * solve.batch - reused
  const solved = answered * solve.samples
  const trainedAnswers = reused * estimate.samples + solved
  const trainedProposals = propose.train ? proposed : 0
  const written = proposed * answer(propose.maxTokens)
  const answers = answer(solve.maxTokens)
  // Answers to one task share their prompt, in the engine and in the learner.
  const tasks = kinds.length * solve.batch
  const scored = trainedProposals * answer(propose.maxTokens) + trainedAnswers * answers
  return {
    samples: proposed + estimated + solved,
    prompt: (2 * proposed + answered) * prompt,
    completion: written + (estimated + solved) * answers,
    trained: (trainedProposals + tasks) * prompt + scored,
    scored,
  }
}

/** Answers of one score of the curve. Suites of the embedded model have three kinds. */
export function scoredOf({ dialect, evaluate: { between, samples } }: Config): number {
  const items = (between.items ?? typical.items) * (dialect === 'micro' ? 3 : 1)
  const answers = between.modes.map(mode => (mode === 'sampled' ? samples : 1))
  return between.suites.length * items * answers.reduce((sum, count) => sum + count, 0)
}

/**
 * Additional seconds of a step whose masters are in the machine's memory. Gradients and weights
 * cross the bus. In memory AdamW moves 28 bytes per number, and the conversions of types 12 more.
 */
function awaySeconds({ trainer }: Config, { all }: { all: number }): number {
  if (trainer.optimizer !== 'adamwCpu' || trainer.method !== 'full') return 0
  const bytes = trainer.dtype === 'float32' ? 4 : 2
  return trainer.minibatches * all * ((2 * bytes) / machine.bus + 40 / machine.memory)
}

/** `score` is the time of each score of the curve. */
export type Seconds = { sample: number; train: number; score: number }

export function secondsOf(config: Config, shape: Shape, hardware: Hardware): Seconds {
  const { engine, trainer } = config
  const { all, head, linear } = parametersOf(shape)
  const reach = isCard(hardware) ? reaches.card : reaches.processor
  const tokens = tokensOf(config)
  const bytes = engine.kind === 'embedded' || engine.dtype === 'float32' ? 4 : 2
  const batch = Math.min(engine.maxBatch, engine.concurrency, tokens.samples)
  const length = Math.min(engine.maxLength, typical.prompt + typical.answer / 2)
  // Linear layers in 8 bits are read in 8 bits.
  const spared = engine.quantization === null ? 0 : linear * (bytes - 1)
  const moved = all * bytes - spared + batch * length * cacheBytes(shape, bytes)
  const computed = (2 * all * batch) / (hardware.flops * reach.prefill)
  const decode = Math.max(moved / (hardware.bandwidth * reach.decode), computed)
  const prefill = (2 * (all - head) * tokens.prompt) / (hardware.flops * reach.prefill)
  const isFull = trainer.method === 'full'
  // Floating-point operations per token and weight: forward, backward, gradients of the weights,
  // and a second forward pass with checkpointing. The head is always computed twice.
  const body = (isFull ? 6 : 4) + (trainer.gradientCheckpointing ? 2 : 0)
  const half = trainer.dtype === 'bfloat16' && backendOf(config) !== 'plain' ? 1 : 2
  const slower = isCard(hardware) ? half : 1
  const operations = tokens.trained * body * (all - head) + tokens.scored * (isFull ? 8 : 6) * head
  const cards = isCard(hardware) ? processesOf(config) : 1
  return {
    sample: (tokens.completion / batch) * decode + prefill,
    score: ((scoredOf(config) * typical.answer) / batch) * decode,
    train:
      (operations * slower) / (hardware.flops * cards * reach.train) +
      (isCard(hardware) ? awaySeconds(config, { all }) : 0),
  }
}
