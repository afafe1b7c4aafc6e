/** What the engine (sampling) and the learner (training) take and give. */
import type { End } from '../../domain/prompts/end.ts'

/** Text, or its ids where a caller has them. */
export type Prompt = string | Int32Array

export type SamplingRequest = {
  prompt: Prompt
  maxTokens: number
  /** 0 is greedy. */
  temperature: number
  topP: number
  /** Unsigned, below 2 ** 31. */
  seed: number
  /** Texts that end the completion; cut from `text`, their ids stay. */
  stop: readonly string[]
  /** Whether `text` keeps the one that ended it. */
  keepsStop?: boolean
  /** Ends the completion by count: cut from `text`, the ids of its last part stay. */
  end?: End
  /** A completion that another version made is refused; without it, any will do. */
  policyVersion?: number
}

export type Completion = {
  text: string
  promptIds: Int32Array
  /** Completion ids, the end-of-sequence id included. */
  ids: Int32Array
  /**
   * Log-probability of each completion id under the sampling distribution, rounded to half
   * precision.
   */
  logprobs: Float32Array
  finishReason: 'stop' | 'length'
}

export interface Sampler {
  complete(request: SamplingRequest, signal?: AbortSignal): Promise<Completion>
  /** A question as the model's chat template frames it; vLLM's only. */
  chat(question: string, signal?: AbortSignal): Promise<string>
  /** Ids of a text, as a prompt has them. */
  encode(text: string, signal?: AbortSignal): Promise<Int32Array>
  /** `count` completions of one prompt, with the seeds `seed`, `seed + 1` and so on. */
  completeMany(request: SamplingRequest, count: number, signal?: AbortSignal): Promise<Completion[]>
  /**
   * Log-probability of every id but the first of each sequence, at temperature 1. `isBare`: of the
   * model without its adapter, where the engine holds one.
   */
  score(sequences: Int32Array[], signal?: AbortSignal, isBare?: boolean): Promise<Float32Array[]>
}

/**
 * Tokens of prompts since a server was started: all that were looked up, and those of them it knew.
 */
export type PrefixCache = { asked: number; cached: number }

/** A running engine: one server, or several that answer as one. */
export interface EngineServer {
  /** Processes of ours that it consists of; none where its servers are not ours. */
  pids(): number[]
  /** Where it listens; of several, the first. */
  url: string
  sampler: Sampler
  /** Answers one short completion: a server may listen and still not be able to. */
  warm(signal?: AbortSignal): Promise<void>
  /** Lets the requests in flight end; later ones wait for the end of the load. */
  drain(signal?: AbortSignal): Promise<void>
  /**
   * Drains, loads, resets the prefix cache, goes on. `path` is a Hugging Face folder, a safetensors
   * file, or the folder of an adapter. Once it has failed, only a fresh server can be trusted.
   */
  load(path: string, version: number, signal?: AbortSignal): Promise<void>
  /** What its prefix cache was worth; null where it does not count. */
  prefixCache(signal?: AbortSignal): Promise<PrefixCache | null>
  /** Gives the card's memory away until the next load. */
  sleep(signal?: AbortSignal): Promise<void>
  /** Rejects with EngineGone when it dies, or hangs; settles never otherwise. */
  gone: Promise<never>
  stop(): Promise<void>
}

/** One training batch: flat ids of all sequences, prompt and completion. */
export type TrainingBatch = {
  /** Ids of all sequences, one after another. */
  ids: Int32Array
  /** Length of each sequence [B]. */
  lengths: Int32Array
  /** Length of each sequence's prompt [B]; the loss covers what follows. */
  promptLengths: Int32Array
  /**
   * Sampled log-probabilities of the completion ids, one after another; NaN: the learner takes its
   * own.
   */
  logprobs: Float32Array
  /** Advantage of each sequence [B], the same on all its completion tokens. */
  advantages: Float32Array
  /** Advantage of each completion token, in place of those: where a sequence's tokens differ. */
  tokenAdvantages?: Float32Array
  /**
   * Weight of each completion token of a sequence in the loss [B]; this is where group means live.
   */
  weights: Float32Array
  /** Which minibatch a sequence belongs to [B]: one optimiser step each, in order from 0. */
  minibatches: Int32Array
  /** Whose mismatch is told apart [B]; means nothing to the loss. */
  groups: Int32Array
}

export type UpdateOptions = {
  learningRate: number
  weightDecay: number
  beta1: number
  beta2: number
  epsilon: number
  clipLow: number
  clipHigh: number
  /** Cap C of the truncated importance weight min(pi_old / pi_engine, C); 0 switches it off. */
  importanceCap: number
  /** Left out: min(w, C). icepop: w from the floor to C, else 0. */
  importance?: 'icepop'
  importanceFloor?: number
  entropyCoefficient: number
  maxGradientNorm: number
  temperature: number
  /** Tokens (padded) that one forward pass may hold. */
  microBatchTokens: number
  /** As an update reported them: repeats it exactly, whatever memory there is now. */
  budgets?: number[]
}

/** What a model is loaded as: see trainer.* in the config. */
export type LearnerSettings = {
  backend: 'plain' | 'transformers'
  method: 'full' | 'lora' | 'qlora'
  loraRank: number
  loraAlpha: number
  dtype: 'float32' | 'bfloat16'
  optimizer: 'adamw' | 'adamw8bit' | 'adamwCpu'
  gradientCheckpointing: boolean
  attention: 'auto' | 'flex' | 'sdpa' | 'eager'
  seed: number
  /** Folder of the model that an adapter belongs to. */
  base: string
}

export type UpdateReport = {
  loss: number
  /** Before clipping; the largest over the minibatches. */
  gradientNorm: number
  entropy: number
  /**
   * Mean of pi_engine's log-probability minus the learner's, over completion tokens (k1), and k3.
   */
  mismatchKl: number
  mismatchK3: number
  clipFraction: number
  /** k1 of each group of the batch. */
  groupKl: Record<string, number>
  tokens: number
  skipped: string | null
  /** sha256 over all tensors, names sorted. */
  weightsHash: string
  microBatches: number
  /**
   * Tokens that a pass held, of the scoring and then of each minibatch: halved where memory was
   * short.
   */
  budgets: number[]
  seconds: number
}

/** `weightsHash` is over what learns: all tensors, or the adapter's. */
type Loaded = { weightsHash: string; parameters: number; learned: number }

export interface Learner {
  pid: number
  /** Whether equal updates give equal weights bit for bit: on a CPU, not on a GPU. */
  isExact: boolean
  hello(): Promise<{
    torch: string
    python: string
    threads: number
    processes: number
    device: string
  }>
  /** A Hugging Face folder (fresh optimiser) or a checkpoint folder written by `save`. */
  load(path: string, signal?: AbortSignal): Promise<Loaded>
  /** Gradients of the longest sequences that may come, and no step: the tokens a pass that fit. */
  probe(
    longest: number,
    options: UpdateOptions,
    signal?: AbortSignal,
  ): Promise<{ microBatchTokens: number; peakBytes: number }>
  score(sequences: Int32Array[], signal?: AbortSignal): Promise<Float32Array[]>
  update(batch: TrainingBatch, options: UpdateOptions, signal?: AbortSignal): Promise<UpdateReport>
  /** Weights, optimiser and RNG, written whole or not at all. */
  save(path: string, signal?: AbortSignal): Promise<{ weightsHash: string }>
  /** For the engine: a Hugging Face folder, or the adapter alone. */
  export(path: string, merged: boolean, signal?: AbortSignal): Promise<{ weightsHash: string }>
  gone: Promise<never>
  stop(): Promise<void>
}
