/** Computes the tokens and the time of a step from a small table of hardware. Pure. */

import { cacheBytes, parametersOf, type Shape } from '../../../domain/shape.ts'
import { backendOf, processesOf } from '../backend.ts'
import type { Config } from '../config.ts'
import { type Lengths, longestOverMean, typicalOf } from './lengths.ts'
import { exportBytes } from './memory.ts'

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
  return { name, flops: cores * 100e9, bandwidth: 20e9 + cores * 5e9, memoryBytes }
}

/**
 * Shares of the hardware's limits that engines and learners reach, on a card and on a processor:
 * estimates, of which those of a processor fit steps of smollm2-135m. `decode` is that of the
 * bandwidth, the others that of the operations. Few rows at a time reach little of a processor.
 */
const reaches = {
  card: { decode: 0.5, rows: 0.4, prefill: 0.4, train: 0.35 },
  processor: { decode: 0.5, rows: 0.18, prefill: 0.6, train: 0.6 },
}
/**
 * Estimates for the machine: bytes per second over a card's bus, of its main memory, and of weights
 * that are written and read as a file.
 */
const machine = { bus: 20e9, memory: 30e9, file: 1e9 }
/** The engine's own time for each token of a batch: an estimate. */
const roundSeconds = 0.004
const isCard = ({ flops }: Hardware) => flops > 1e13
/** Items of a suite: an estimate. */
const typicalItems = 300

/**
 * `prompt` are the tokens that the engine reads, each shared beginning once. `trained` are all
 * tokens that the learner passes, `scored` those that the loss covers. `longest` are those of a
 * step's longest proposal and longest answer, one after the other.
 */
export type Tokens = {
  samples: number
  prompt: number
  completion: number
  longest: number
  trained: number
  scored: number
}

/** Tasks of a step. Estimates that are trained on are no longer `answered`. */
function tasksOf({ kinds, propose, estimate, solve, dialect }: Config) {
  const { valid } = typicalOf[dialect]
  const count = kinds.length
  const fresh = Math.min(Math.round(solve.batch * solve.fresh), propose.batch * valid)
  const reused = estimate.reuse ? fresh : 0
  return {
    proposed: count * propose.batch,
    estimated: count * propose.batch * valid,
    reused: count * reused,
    answered: count * (solve.batch - reused),
  }
}

/** The length of a typical completion and of the longest of many. */
function writtenOf({ text }: Lengths, { maxTokens }: { maxTokens: number }) {
  return { mean: Math.min(maxTokens, text), longest: Math.min(maxTokens, longestOverMean * text) }
}

/** Tokens of a prompt: the whole, and what it does not share with the others of its kind. */
function promptOf({ head, prompt }: Lengths, { engine }: Config) {
  const whole = Math.min(prompt, engine.maxLength / 2)
  return { head: Math.min(head, whole), own: Math.max(0, whole - head) }
}

export function tokensOf(config: Config): Tokens {
  const { kinds, propose, estimate, solve, trainer } = config
  const typical = typicalOf[config.dialect]
  const { proposed, estimated, reused, answered } = tasksOf(config)
  const proposal = writtenOf(typical.propose, propose)
  const answer = writtenOf(typical.solve, solve)
  const asked = promptOf(typical.propose, config)
  const posed = promptOf(typical.solve, config)
  const answers = estimated * estimate.samples + answered * solve.samples
  const trainedProposals = propose.train ? proposed : 0
  const trainedAnswers = reused * estimate.samples + answered * solve.samples
  const heads = kinds.length * (asked.head + posed.head)
  const scored = trainedProposals * proposal.mean + trainedAnswers * answer.mean
  // Answers to one task share their prompt, in the engine and in the learner.
  const own = trainedProposals * asked.own + (reused + answered) * posed.own
  // A pass computes the beginning of its prompts again.
  const passes = Math.ceil((own + scored) / trainer.microBatchTokens)
  return {
    samples: Math.round(proposed + answers),
    prompt: heads + proposed * asked.own + (estimated + answered) * posed.own,
    completion: proposed * proposal.mean + answers * answer.mean,
    longest: proposal.longest + answer.longest,
    trained: heads + (passes - 1) * Math.max(asked.head, posed.head) + own + scored,
    scored,
  }
}

/** Answers of one score of the curve. Suites of the embedded model have three kinds. */
export function scoredOf({ dialect, evaluate: { between, samples } }: Config): number {
  const items = (between.items ?? typicalItems) * (dialect === 'micro' ? 3 : 1)
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

/**
 * Seconds in which new weights go to the engine and the parity gate scores its probes, in the
 * learner and in the engine.
 */
function handOverSeconds(config: Config, shape: Shape, computing: number): number {
  const { parity, dialect } = config
  const { all } = parametersOf(shape)
  const { prompt, text } = typicalOf[dialect].solve
  const scored = 2 * parity.probes * (prompt + text)
  return (2 * exportBytes(config, shape)) / machine.file + (2 * all * scored) / computing
}

/** `handOver` is the time between an update and the next samples, `score` that of each score. */
export type Seconds = { sample: number; train: number; handOver: number; score: number }

export function secondsOf(config: Config, shape: Shape, hardware: Hardware): Seconds {
  const { engine, trainer } = config
  const { all, head, linear } = parametersOf(shape)
  const reach = isCard(hardware) ? reaches.card : reaches.processor
  const tokens = tokensOf(config)
  const bytes = engine.kind === 'embedded' || engine.dtype === 'float32' ? 4 : 2
  const batch = Math.min(engine.maxBatch, engine.concurrency, tokens.samples)
  const { prompt, text } = typicalOf[config.dialect].solve
  const length = Math.min(engine.maxLength, prompt + text / 2)
  // Linear layers in 8 bits are read in 8 bits.
  const spared = engine.quantization === null ? 0 : linear * (bytes - 1)
  const weights = all * bytes - spared
  const cached = length * cacheBytes(shape, bytes)
  const computing = hardware.flops * reach.prefill
  const moving = hardware.bandwidth * reach.decode
  /** Tokens in full batches, but no faster than one by one the longest texts. */
  const decode = (written: number, longest: number) => {
    const rounds = Math.max(written / batch, longest)
    const moved = (rounds * weights + written * cached) / moving
    const computed = (2 * all * written) / (hardware.flops * reach.rows)
    return (isCard(hardware) ? Math.max(moved, computed) : moved + computed) + rounds * roundSeconds
  }
  const prefill = (2 * (all - head) * tokens.prompt) / computing
  const isFull = trainer.method === 'full'
  // Floating-point operations per token and weight: forward, backward, gradients of the weights,
  // and a second forward pass with checkpointing. The head is always computed twice.
  const body = (isFull ? 6 : 4) + (trainer.gradientCheckpointing ? 2 : 0)
  const half = trainer.dtype === 'bfloat16' && backendOf(config) !== 'plain' ? 1 : 2
  const slower = isCard(hardware) ? half : 1
  const operations = tokens.trained * body * (all - head) + tokens.scored * (isFull ? 8 : 6) * head
  const cards = isCard(hardware) ? processesOf(config) : 1
  return {
    sample: decode(tokens.completion, tokens.longest) + prefill,
    score: decode(scoredOf(config) * text, 0),
    train:
      (operations * slower) / (hardware.flops * cards * reach.train) +
      (isCard(hardware) ? awaySeconds(config, { all }) : 0),
    handOver: handOverSeconds(config, shape, computing),
  }
}
