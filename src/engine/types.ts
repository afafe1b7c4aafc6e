/** The interfaces of the engine (sampling) and the learner (training). */
import type { End } from '../../domain/prompts/end.ts'

/** Text, or its ids if the caller has them. */
export type Prompt = string | Int32Array

export type SamplingRequest = {
  prompt: Prompt
  maxTokens: number
  /** 0 is greedy. */
  temperature: number
  topP: number
  /** Unsigned, below 2 ** 31. */
  seed: number
  /** Texts that end the completion. They are cut from `text`; their ids stay. */
  stop: readonly string[]
  /** Whether `text` keeps the text that ended it. */
  keepsStop?: boolean
  /** Ends the completion by count. The end is cut from `text`; the ids of its last part stay. */
  end?: End
  /** Refuses a completion of another version. Without it, any version will do. */
  policyVersion?: number
}

export type Completion = {
  text: string
  promptIds: Int32Array
  /** Completion ids, including the end-of-sequence id. */
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
  /** A question in the model's chat template; only with vLLM. */
  chat(question: string, signal?: AbortSignal): Promise<string>
  /** Ids of a text as part of a prompt. */
  encode(text: string, signal?: AbortSignal): Promise<Int32Array>
  /** `count` completions of one prompt, with the seeds `seed`, `seed + 1` and so on. */
  completeMany(request: SamplingRequest, count: number, signal?: AbortSignal): Promise<Completion[]>
  /**
   * Log-probability of every id but the first of each sequence, at temperature 1. `isBare` scores
   * the model without its adapter, if the engine has one.
   */
  score(sequences: Int32Array[], signal?: AbortSignal, isBare?: boolean): Promise<Float32Array[]>
}

/** Prompt tokens since a server started: all that were looked up, and those found in the cache. */
export type PrefixCache = { asked: number; cached: number }

/** A running engine: one server, or several that answer as one. */
export interface EngineServer {
  /** Pids of our own processes; empty if others started the servers. */
  pids(): number[]
  /** The address where it listens; for several servers, the first. */
  url: string
  sampler: Sampler
  /** Answers one short completion, because a server may listen before it can answer. */
  warm(signal?: AbortSignal): Promise<void>
  /** Waits for the requests in flight. Later requests wait for the end of the load. */
  drain(signal?: AbortSignal): Promise<void>
  /**
   * Drains, loads, resets the prefix cache and resumes. `path` is a Hugging Face folder, a
   * safetensors file, or the folder of an adapter. After a failure only a fresh server can be
   * trusted.
   */
  load(path: string, version: number, signal?: AbortSignal): Promise<void>
  /** Hits of the prefix cache; null if the engine does not count them. */
  prefixCache(signal?: AbortSignal): Promise<PrefixCache | null>
  /** Frees the card's memory until the next load. */
  sleep(signal?: AbortSignal): Promise<void>
  /** Rejects with EngineGone when the engine dies or hangs; otherwise never settles. */
  gone: Promise<never>
  stop(): Promise<void>
}

/** One training batch: flat ids of all sequences, prompt and completion. */
export type TrainingBatch = {
  /** Ids of all sequences, one after another. */
  ids: Int32Array
  /** Length of each sequence [B]. */
  lengths: Int32Array
  /** Length of each sequence's prompt [B]. The loss covers the tokens after it. */
  promptLengths: Int32Array
  /**
   * Sampled log-probabilities of the completion ids, one after another. NaN makes the learner use
   * its own.
   */
  logprobs: Float32Array
  /** Advantage of each sequence [B], the same on all its completion tokens. */
  advantages: Float32Array
  /**
   * Advantage of each completion token, instead of `advantages`, if the tokens of a sequence
   * differ.
   */
  tokenAdvantages?: Float32Array
  /** Weight of each completion token of a sequence in the loss [B]. Group means are in it. */
  weights: Float32Array
  /** The minibatch of each sequence [B]: one optimiser step each, in order from 0. */
  minibatches: Int32Array
  /** The group whose mismatch is reported separately [B]. The loss ignores it. */
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
  /**
   * Without it the weight is min(w, C). `icepop` keeps w between the floor and C, and makes it 0
   * outside.
   */
  importance?: 'icepop'
  importanceFloor?: number
  entropyCoefficient: number
  maxGradientNorm: number
  temperature: number
  /** The number of padded tokens in one forward pass. */
  microBatchTokens: number
  /** The budgets that an update reported. They repeat it exactly, whatever memory is free now. */
  budgets?: number[]
}

/** How a model is loaded: see trainer.* in the config. */
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
  /** Before clipping; the largest of the minibatches. */
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
  /** Tokens per pass, of the scoring and of each minibatch: halved if memory was short. */
  budgets: number[]
  seconds: number
}

/** `weightsHash` covers what learns: all tensors, or the adapter's. */
type Loaded = { weightsHash: string; parameters: number; learned: number }

export interface Learner {
  pid: number
  /** Whether equal updates give bit-identical weights: on a CPU, not on a GPU. */
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
  /**
   * Computes gradients of the longest possible sequences without a step. Returns the tokens per
   * pass that fit.
   */
  probe(
    longest: number,
    options: UpdateOptions,
    signal?: AbortSignal,
  ): Promise<{ microBatchTokens: number; peakBytes: number }>
  /** Bytes on the device: what the learner holds now, the most that it held, and what is free. */
  memory(): Promise<{ heldBytes: number; peakBytes: number; freeBytes: number }>
  /**
   * Scores sequences like the engine does. `isBare` scores the model without the adapter that is
   * being trained.
   */
  score(sequences: Int32Array[], signal?: AbortSignal, isBare?: boolean): Promise<Float32Array[]>
  update(batch: TrainingBatch, options: UpdateOptions, signal?: AbortSignal): Promise<UpdateReport>
  /** Saves weights, optimiser and RNG, completely or not at all. */
  save(path: string, signal?: AbortSignal): Promise<{ weightsHash: string }>
  /** Writes a Hugging Face folder for the engine, or the adapter alone. */
  export(path: string, merged: boolean, signal?: AbortSignal): Promise<{ weightsHash: string }>
  gone: Promise<never>
  stop(): Promise<void>
}
