/** Knobs of the engine. Each says which kinds of engine use it. */
import { z } from 'zod'
import { cards, count, knob, operate, positive, section, share } from './knob.ts'

export const engine = section({
  kind: knob(
    z.enum(['embedded', 'vllm', 'endpoints']).default('embedded'),
    'What samples completions: embedded, vllm or endpoints. ' +
      'embedded: our own small engine on a CPU. vllm: a vLLM that azr' +
      ' starts and watches (`azr setup engine`). endpoints: servers at engine.urls that are ' +
      'running already.',
  ),
  concurrency: operate(
    positive.default(128),
    'The number of completions in flight, over all roles. All answers to a task are one ' +
      "request. With twice as many as the engine's slots, no slot is idle while the last " +
      'answers to some tasks are written.',
  ),
  threads: knob(
    positive.default(1),
    'Threads of the embedded engine, and of vLLM on a CPU. Results depend on it.',
  ),
  processes: operate(
    positive.default(1),
    'The number of servers of the embedded engine, which share the requests. One per core is ' +
      'best, because the learner is idle meanwhile. Answers do not depend on it. Each server ' +
      'needs engine.maxBatch requests of the concurrency.',
  ),
  maxBatch: knob(
    positive.default(64),
    'How many completions are computed at once. Results depend on it.',
  ),
  maxLength: knob(positive.default(256), 'The most tokens of prompt and completion together.'),
  device: knob(
    z.enum(['auto', 'cpu', 'cuda']).default('auto'),
    'vllm: the device on which it computes.',
  ),
  dtype: knob(
    z.enum(['float32', 'bfloat16']).default('bfloat16'),
    'vllm: the type of its weights. In float32 token ids repeat exactly. The embedded engine ' +
      'always uses float32.',
  ),
  quantization: knob(
    z.enum(['fp8_per_tensor', 'fp8_per_channel']).nullable().default(null),
    'vllm on CUDA, with adapters only: holds the linear layers in 8 bits, which halves their ' +
      "memory. Log-probabilities then differ from the learner's, which the importance weights " +
      'have to correct. We have not tried it.',
  ),
  kvCacheMb: operate(
    positive.nullable().default(null),
    'vllm: memory for keys and values. null: vLLM decides (on a CPU: 1024).',
  ),
  cards: operate(
    cards,
    'vllm on CUDA: the cards to compute on, counted from 0 among the visible ones, such as ' +
      '[0]; several share the weights (tensor parallel). null: the first. If trainer.cards ' +
      'names others, engine and learner both stay awake.',
  ),
  memoryShare: operate(
    share.nullable().default(null),
    "vllm on CUDA: its share of the card's memory. null: what the learner leaves, as `azr " +
      'plan` computes it.',
  ),
  loraRank: knob(
    count.max(512).default(0),
    'vllm: the highest rank of an adapter. 0: full weights only.',
  ),
  sleep: operate(
    z.boolean().default(false),
    'vllm on CUDA: frees its memory while the learner works, so that both can share a card.',
  ),
  urls: operate(
    z.array(z.url()).default([]),
    'endpoints: the servers, such as http://127.0.0.1:8000. They have to see the folder of ' +
      'the run.',
  ),
})
