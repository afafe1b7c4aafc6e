/** Knobs of the learner: the model, its memory, the loss. */
import { z } from 'zod'
import { cards, count, knob, operate, positive, section, share } from './knob.ts'

export const trainer = section({
  backend: knob(
    z.enum(['auto', 'plain', 'transformers']).default('auto'),
    'What computes the model. plain: our own qwen2 and llama in fp32; transformers: any causal ' +
      'model (`azr setup trainer`). auto: plain beside the embedded engine, whose code it shares.',
  ),
  method: knob(
    z.enum(['full', 'lora', 'qlora']).default('full'),
    'What learns: all weights (paper), or adapters on every linear layer but the head, over the ' +
      'weights as they are (lora) or in 4 bits (qlora; CUDA, and an engine with engine.loraRank).',
  ),
  loraRank: knob(
    positive.default(16),
    'Rank of the adapters: 8 to 32 learn as well as full weights in RL (LoRA Without Regret).',
  ),
  loraAlpha: knob(
    z.number().positive().default(32),
    'Adapters are scaled by loraAlpha / loraRank. Their learning rate is about 10 times the full one.',
  ),
  device: knob(z.enum(['auto', 'cpu', 'cuda']).default('auto'), 'Where the learner computes.'),
  dtype: knob(
    z.enum(['float32', 'bfloat16']).default('float32'),
    'Of the weights in the passes. bfloat16: half the memory; what learns keeps fp32 masters, head ' +
      'and log-softmax stay in fp32, where most of the mismatch with an engine comes from.',
  ),
  optimizer: knob(
    z.enum(['adamw', 'adamw8bit', 'adamwCpu']).default('adamw'),
    'AdamW, with moments in 8 bits (bitsandbytes; CUDA), or with masters and moments in the ' +
      "machine's memory: full weights of 3B then train on a 24 GB card, a few seconds a step slower.",
  ),
  gradientCheckpointing: knob(
    z.boolean().default(false),
    'Keeps the input of each layer only and computes the rest again: a third more time, a tenth of ' +
      'the memory of activations. Off as small models do not need it.',
  ),
  attention: operate(
    z.enum(['auto', 'flex', 'sdpa', 'eager']).default('auto'),
    'How the transformers backend attends over sequences that begin alike. auto: node by node on a ' +
      'processor, FlexAttention on a card that compiles it, else sdpa. sdpa, eager: under a dense ' +
      'mask, so that less is put together; eager: for attention with more in it than a softmax.',
  ),
  threads: knob(positive.default(2), 'Threads of the learner; part of exactness.'),
  cards: operate(
    cards,
    'The cards that the learner computes on, counted as those of engine.cards; one for each of ' +
      'trainer.processes. null: the first ones.',
  ),
  processes: operate(
    positive.default(1),
    'Learner processes of this machine, one for each card: weights, gradients and moments are cut ' +
      'into shards (FSDP2). A checkpoint goes on under any number; sums round differently.',
  ),
  world: operate(
    count.default(0),
    'Processes in all, where torchrun starts more on other machines (docs/how-to/several-cards.md). 0: no others.',
  ),
  meet: operate(
    z
      .string()
      .regex(/^[^\s:]+:\d+$/, 'has to be HOST:PORT')
      .nullable()
      .default(null),
    'HOST:PORT of this machine where processes of other machines join; a private network, as ' +
      'whoever reaches it takes part. null: they meet at 127.0.0.1.',
  ),
  learningRate: knob(z.number().min(0).default(1e-6), 'At first; constant (paper, table 3).'),
  decaySteps: knob(
    count.default(0),
    'Step at which the rate has fallen to a tenth, linearly; it stays there. 0: constant (paper).',
  ),
  weightDecay: knob(z.number().min(0).default(0.01), 'AdamW (the paper branch of the original).'),
  beta1: knob(share.default(0.9), 'AdamW.'),
  beta2: knob(share.default(0.999), 'AdamW.'),
  epsilon: knob(z.number().positive().default(1e-8), 'AdamW.'),
  clipLow: knob(share.default(0.2), 'Lower bound 1 - clipLow of the ratio.'),
  clipHigh: knob(z.number().min(0).default(0.28), 'Upper bound 1 + clipHigh (clip-higher).'),
  importance: knob(
    z.enum(['truncated', 'icepop']).default('truncated'),
    'Weight of a token for what engine and learner make of it, w = pi_old / pi_engine: min(w, C), ' +
      'which keeps every token, or w where floor <= w <= C and else 0 (IcePop), for engines that differ ' +
      'much: bfloat16, quantised.',
  ),
  importanceCap: knob(z.number().min(0).default(2), 'Cap C of that weight; 0 switches it off.'),
  importanceFloor: knob(share.default(0.5), 'icepop: tokens of a smaller weight are left out.'),
  entropyCoefficient: knob(z.number().min(0).default(0.001), 'Entropy bonus (paper, table 3).'),
  maxGradientNorm: knob(z.number().positive().default(1), 'Clipping (paper, table 3).'),
  minibatches: knob(positive.default(1), 'Optimiser steps a step (paper: 1).'),
  microBatchTokens: knob(
    positive.default(16384),
    'Padded tokens that one pass may hold. Halved where memory is short, and stored with the update.',
  ),
  maxSkipped: operate(
    positive.default(3),
    'Updates in a row that may be skipped as their loss or gradient is not finite; then the run ' +
      'stops: one is an accident, three are a broken run.',
  ),
})
