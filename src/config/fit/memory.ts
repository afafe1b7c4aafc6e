/**
 * Computes the memory and disk that a run needs, from shapes and knobs. Pure. Constants that are
 * estimates say so. docs/reference/plan.md explains each.
 */

import { adapterParameters, cacheBytes, parametersOf, type Shape } from '../../../domain/shape.ts'
import { backendOf, engineCards, givesAdapters, haveOwnCards, processesOf } from '../backend.ts'
import type { Config } from '../config.ts'

export const gib = 2 ** 30
const mib = 2 ** 20

/** Estimates: a process with torch (and CUDA's context), and vLLM with its graphs and buffers. */
const overhead = {
  learner: { cpu: 0.4 * gib, cuda: 1 * gib },
  engine: { embedded: 0.2 * gib, cpu: 1.7 * gib, cuda: 2 * gib },
}
/**
 * fp32 logits of 32 MiB on a CPU, or of 256 tokens on a card, three times: log-probabilities,
 * probabilities, gradient.
 */
const logitsOf = ({ vocabulary }: Shape, device: Device) =>
  device === 'cpu' ? 96 * mib : 3 * 256 * vocabulary * 4
/**
 * vLLM's second model runner computes logits of 1,024 prompt tokens at a time, in fp32, and holds
 * two such blocks.
 */
const promptLogits = ({ vocabulary }: Shape) => 2 * 1024 * vocabulary * 4
/** Tokens that the learner scores in one pass at most (azr_trainer/learner.py). */
const scoredAtOnce = 16384
/** Bytes per weight in 4 bits, including the scales of each block. */
const fourBits = 0.53
/** Answers are shorter than their limit: an estimate for the r1 dialect (measured: about 500). */
const typicalTokens = 500

export type Device = 'cpu' | 'cuda'
export type Parts = Record<string, number>
export type Memory = {
  /** Memory on the device: the card, or the machine if there is none. */
  learner: Parts
  /** The part that the learner holds while the engine answers or the parity gate scores. */
  resting: Parts
  engine: Parts
  /** Memory in the machine, if the device is a card. */
  host: Parts
  disk: Parts
  /** The largest amount on the device at one time. */
  peak: number
}

const total = (parts: Parts) => Object.values(parts).reduce((sum, value) => sum + value, 0)
export const bytesOf = total

/**
 * Bytes that the backward pass needs for one token in one layer. A norm keeps its input in fp32 and
 * its result before and after the scale. Attention keeps query, repeated keys and values, and its
 * result before and after the transpose. The MLP keeps gate, its activation, up, and their product.
 */
function layerBytes({ width, inner, heads, headSize }: Shape, bytes: number): number {
  const norms = 2 * (4 * width + 2 * bytes * width)
  const attention = 6 * heads * headSize * bytes
  return norms + attention + 4 * inner * bytes
}

function activations({ trainer, engine }: Config, shape: Shape, bytes: number): number {
  const tokens = Math.max(trainer.microBatchTokens, engine.maxLength)
  const layer = layerBytes(shape, bytes)
  // And the intermediate results of one layer during the backward pass.
  if (!trainer.gradientCheckpointing) return tokens * (shape.layers + 1) * layer
  return tokens * (shape.layers * shape.width * bytes + 2 * layer)
}

/**
 * The parts on one card under FSDP2: its share of what is split, and what is whole during a pass
 * (head, embedding, two layers).
 */
function shardsOf(held: Parts, config: Config, shape: Shape, device: Device): Parts {
  const { all, head, linear } = parametersOf(shape)
  const bytes = config.trainer.dtype === 'float32' ? 4 : 2
  const whole = (all - linear + (2 * linear) / shape.layers) * bytes
  const cuts = device === 'cuda' ? processesOf(config) : 1
  const cut = Object.entries(held).map(([part, size]) => [part, size / cuts])
  const gradient = config.trainer.method === 'full' ? head * bytes : 0
  return { ...Object.fromEntries(cut), gathered: whole + gradient }
}

function learnerOf(config: Config, shape: Shape, device: Device): { device: Parts; host: Parts } {
  const { trainer } = config
  const { all, head, linear } = parametersOf(shape)
  const isPlain = backendOf(config) === 'plain'
  const bytes = isPlain || trainer.dtype === 'float32' ? 4 : 2
  const isFull = trainer.method === 'full'
  const learned = isFull ? all : adapterParameters(shape, trainer.loraRank)
  const frozen = trainer.method === 'qlora' ? linear * fourBits + (all - linear) * 2 : all * bytes
  const weights = isFull ? all * bytes : frozen + learned * 4
  const moments = learned * (trainer.optimizer === 'adamw8bit' ? 2 : 8)
  const hasMasters = isFull && (bytes === 2 || trainer.optimizer === 'adamwCpu')
  const state = { gradients: learned * 4, masters: hasMasters ? learned * 4 : 0, moments }
  const isAway = trainer.optimizer === 'adamwCpu'
  const held: Parts = {
    weights,
    // Gradients are summed on the card in the type of the weights, and moved once per step.
    ...(isAway && device === 'cuda' ? { gradients: learned * bytes } : state),
  }
  return {
    device: {
      ...(processesOf(config) > 1 ? shardsOf(held, config, shape, device) : held),
      activations: activations(config, shape, bytes),
      logits: logitsOf(shape, device) + (bytes === 2 ? head * 4 : 0) + (isFull ? head * 4 : 0),
      process: overhead.learner[device] * (device === 'cpu' ? trainer.processes : 1),
    },
    host: isAway && device === 'cuda' ? state : {},
  }
}

/**
 * The learner's memory between updates, without gradients and activations. Scoring needs an fp32
 * head, and for each token the states before and after a layer, both halves of the MLP and their
 * product.
 */
function restingOf({ trainer, engine }: Config, parts: Parts, shape: Shape, device: Device): Parts {
  const { gradients, activations, gathered, ...held } = parts
  const bytes = trainer.dtype === 'float32' ? 4 : 2
  const tokens = Math.min(scoredAtOnce, Math.max(trainer.microBatchTokens, engine.maxLength))
  const { logits, ...kept } = held
  const head = logitsOf(shape, device) + (bytes === 2 ? parametersOf(shape).head * 4 : 0)
  return { ...kept, scoring: tokens * (3 * shape.inner + 4 * shape.width) * bytes + head }
}

function engineOf(config: Config, shape: Shape, device: Device): Parts {
  const { engine } = config
  const bytes = engine.kind === 'embedded' || engine.dtype === 'float32' ? 4 : 2
  const wanted = engine.maxBatch * engine.maxLength
  const typical = engine.maxBatch * Math.min(engine.maxLength, 3 * typicalTokens)
  const tokens = engine.kind === 'embedded' ? wanted : Math.max(engine.maxLength, typical)
  const servers = engine.kind === 'embedded' ? engine.processes : 1
  const cache = engine.kvCacheMb === null || engine.kind === 'embedded' ? null : engine.kvCacheMb
  const { all, head, linear } = parametersOf(shape)
  const spared = engine.quantization === null ? 0 : linear * (bytes - 1)
  const isCpuVllm = engine.kind === 'vllm' && device === 'cpu'
  // The engine's weights are split over its cards; this is the part of one card.
  const cut = device === 'cuda' ? engineCards(config) : 1
  return {
    weights: (servers * all * bytes - spared) / cut,
    // A folder is mapped while it is read. vLLM's CPU build also packs a copy of the head.
    ...(isCpuVllm ? { loading: (all + head) * bytes } : {}),
    cache: servers * (cache === null ? (tokens * cacheBytes(shape, bytes)) / cut : cache * mib),
    ...(engine.kind === 'vllm' && device === 'cuda' ? { scoring: promptLogits(shape) } : {}),
    process: servers * overhead.engine[engine.kind === 'embedded' ? 'embedded' : device],
  }
}

/** Bytes of the weights that the learner exports for the engine. */
export function exportBytes(config: Config, shape: Shape): number {
  if (givesAdapters(config)) return adapterParameters(shape, config.trainer.loraRank) * 4
  const isWide = backendOf(config) === 'plain' || config.trainer.dtype === 'float32'
  return parametersOf(shape).all * (isWide ? 4 : 2)
}

function diskOf(config: Config, shape: Shape): Parts {
  const { all } = parametersOf(shape)
  const { trainer, checkpoint } = config
  const bytes = backendOf(config) === 'plain' || trainer.dtype === 'float32' ? 4 : 2
  const isFull = trainer.method === 'full'
  const learned = isFull ? all : adapterParameters(shape, trainer.loraRank)
  const state = learned * (trainer.optimizer === 'adamw8bit' ? 6 : isFull && bytes === 2 ? 12 : 8)
  const one = (isFull ? all * bytes : learned * 4) + state
  // The newest ones, the best one, and the one that is being written.
  const kept = checkpoint.keep + (checkpoint.keepBest ? 2 : 1)
  return { checkpoints: kept * one, policies: 3 * exportBytes(config, shape) }
}

type Held = { mine: number; theirs: number; together: number; takesTurns: boolean }

/** The memory while the parity gate compares both: first the learner scores, then the engine. */
function together(engine: Parts, resting: Parts): number {
  const { scoring: first = 0, ...learner } = resting
  const { scoring: second = 0, ...server } = engine
  return total(learner) + total(server) + Math.max(first, second)
}

/**
 * The peak on the fullest card. While the gate compares, both hold their memory. A sleeping server
 * keeps its CUDA context.
 */
function peakOf(config: Config, { mine, theirs, together, takesTurns }: Held): number {
  if (haveOwnCards(config)) return Math.max(mine, theirs)
  return Math.max(takesTurns ? mine + gib : mine + theirs, together)
}

export function memoryOf(config: Config, shape: Shape, device: Device): Memory {
  const { engine } = config
  const learner = learnerOf(config, shape, device)
  const serving = engine.kind === 'endpoints' ? {} : engineOf(config, shape, device)
  const takesTurns = engine.kind === 'vllm' && engine.sleep && device === 'cuda'
  const resting = restingOf(config, learner.device, shape, device)
  const [mine, theirs] = [total(learner.device), total(serving)]
  const base = givesAdapters(config) ? parametersOf(shape).all * 2 : 0
  const asleep: Parts = takesTurns ? { 'engine asleep': base } : {}
  return {
    learner: learner.device,
    resting,
    engine: serving,
    host: device === 'cuda' ? { ...learner.host, ...asleep } : {},
    disk: diskOf(config, shape),
    peak: peakOf(config, { mine, theirs, together: together(serving, resting), takesTurns }),
  }
}
