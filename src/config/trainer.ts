/** Knobs of the learner: the model, its memory, the loss. */
import { z } from 'zod'
import { cards, count, knob, operate, positive, section, share } from './knob.ts'

export const trainer = section({
  backend: knob(
    z.enum(['auto', 'plain', 'transformers']).default('auto'),
    'What computes the model. plain: our own qwen2 and llama in float32. transformers: any ' +
      'causal model (`azr setup trainer`). auto: plain with the embedded engine, which uses the' +
      ' same code.',
  ),
  method: knob(
    z.enum(['full', 'lora', 'qlora']).default('full'),
    'What learns: full, lora or qlora. ' +
      'full: all weights (paper). lora: adapters on every linear layer but the ' +
      'head. qlora: the same over weights in 4 bits; it needs CUDA and engine.loraRank.',
  ),
  loraRank: knob(
    positive.default(16),
    'The rank of the adapters. Ranks of 8 to 32 learn as well as full weights in RL (LoRA ' +
      'Without Regret).',
  ),
  loraAlpha: knob(
    z.number().positive().default(32),
    'Adapters are scaled by loraAlpha / loraRank. They need about 10 times the learning rate ' +
      'of full weights.',
  ),
  device: knob(
    z.enum(['auto', 'cpu', 'cuda']).default('auto'),
    'The device on which the learner computes.',
  ),
  dtype: knob(
    z.enum(['float32', 'bfloat16']).default('float32'),
    'The type of the weights in the passes. bfloat16 halves the memory. What learns keeps ' +
      'float32 masters. Head and log-softmax stay in float32, because most of the mismatch with' +
      ' an engine comes from there.',
  ),
  optimizer: knob(
    z.enum(['adamw', 'adamw8bit', 'adamwCpu']).default('adamw'),
    'adamw: AdamW. adamw8bit: with moments in 8 bits (bitsandbytes; CUDA). adamwCpu: with ' +
      "masters and moments in the machine's memory. Full weights of a 3B model then train on a" +
      ' 24 GB card, a few seconds per step slower.',
  ),
  gradientCheckpointing: knob(
    z.boolean().default(false),
    'Keeps only the input of each layer and computes the rest again. This takes a third more ' +
      'time and a tenth of the memory of activations. It is off because small models do not ' +
      'need it.',
  ),
  attention: operate(
    z.enum(['auto', 'flex', 'sdpa', 'eager']).default('auto'),
    'How the transformers backend computes attention over sequences with a common beginning. ' +
      'auto: node by node on a CPU, FlexAttention on a card that compiles it, else sdpa. sdpa ' +
      'and eager use a dense mask, so that fewer sequences share a pass. Choose eager for ' +
      'attention that is more than a softmax.',
  ),
  threads: knob(positive.default(2), 'Threads of the learner. Results depend on it.'),
  cards: operate(
    cards,
    'The cards that the learner computes on, counted like engine.cards; one for each of ' +
      'trainer.processes. null: the first ones.',
  ),
  processes: operate(
    positive.default(1),
    'Learner processes of this machine, one per card. Weights, gradients and moments are cut ' +
      'into shards (FSDP2). A checkpoint works under any number, but sums round differently.',
  ),
  world: operate(
    count.default(0),
    'All learner processes together, if torchrun starts more on other machines ' +
      '(docs/how-to/several-cards.md). 0: there are no others.',
  ),
  meet: operate(
    z
      .string()
      .regex(/^[^\s:]+:\d+$/, 'has to be HOST:PORT')
      .nullable()
      .default(null),
    'HOST:PORT of this machine, where processes of other machines join. Use a private ' +
      'network, because anyone who reaches it can take part. null: they meet at 127.0.0.1.',
  ),
  learningRate: knob(
    z.number().min(0).default(1e-6),
    'The initial learning rate. It is constant unless decaySteps is set (paper, table 3).',
  ),
  decaySteps: knob(
    count.default(0),
    'The step at which the rate has fallen linearly to a tenth, where it stays. 0: the rate ' +
      'is constant (paper).',
  ),
  weightDecay: knob(
    z.number().min(0).default(0.01),
    'Weight decay of AdamW (the paper branch of the original).',
  ),
  beta1: knob(share.default(0.9), "The decay of AdamW's first moment."),
  beta2: knob(share.default(0.999), "The decay of AdamW's second moment."),
  epsilon: knob(z.number().positive().default(1e-8), "The constant in AdamW's denominator."),
  clipLow: knob(share.default(0.2), 'The ratio is clipped below at 1 - clipLow.'),
  clipHigh: knob(
    z.number().min(0).default(0.28),
    'The ratio is clipped above at 1 + clipHigh (clip-higher).',
  ),
  importance: knob(
    z.enum(['truncated', 'icepop']).default('truncated'),
    'How a token is weighted if engine and learner disagree, by w = pi_old / pi_engine. ' +
      'truncated: min(w, C), which keeps every token. icepop: w if it is between ' +
      'importanceFloor and C, else 0, for engines that differ much (bfloat16, quantised).',
  ),
  importanceCap: knob(z.number().min(0).default(2), 'The cap C of that weight. 0 switches it off.'),
  importanceFloor: knob(share.default(0.5), 'icepop: tokens with a smaller weight are left out.'),
  entropyCoefficient: knob(
    z.number().min(0).default(0.001),
    'The weight of the entropy bonus (paper, table 3).',
  ),
  maxGradientNorm: knob(
    z.number().positive().default(1),
    'The norm to which gradients are clipped (paper, table 3).',
  ),
  minibatches: knob(positive.default(1), 'Optimiser steps per step of the run (paper: 1).'),
  microBatchTokens: knob(
    positive.default(16384),
    'The most padded tokens of one pass. It is halved if memory is short, and stored with the' +
      ' update.',
  ),
  maxSkipped: operate(
    positive.default(3),
    'How many updates in a row may be skipped because their loss or gradient is not finite. ' +
      'Then the run stops. One may be an accident; three mean that the run is broken.',
  ),
})
