/** Rules for reading logs of the engine, the learner and their tools, with the knobs that help. */
import { type LogRules, tellingLine } from '../../lib/log-line.ts'

/** vLLM's process, level, time and place; or any logger's prefix in brackets. */
const prefix =
  /^(?:\([A-Za-z_]+(?:_\w+)? pid=\d+\)\s*)?(?:(?:INFO|WARNING|ERROR) [\d-]+ [\d:]+ \[[^\]]*\] ?)?\s*/

const echoes =
  /Engine core initialization failed|WorkerProc initialization failed|Worker failed with error|EngineDeadError|EngineCore encountered|See root cause above|SystemExit|KeyboardInterrupt/

const advice: LogRules['advice'] = [
  [/address already in use/i, 'another program uses that port: try again'],
  [
    /out of memory|less than desired|No available memory|KV cache.*(?:larger|needed)/i,
    'lower its memory: engine.memoryShare, engine.kvCacheMb, engine.maxBatch or engine.maxLength',
  ],
  [/max_model_len|derived max/i, "lower engine.maxLength to the model's own limit"],
  [/torchvision|torchaudio|torchcodec/i, 'make its environment again: `azr setup engine --force`'],
  [
    /No module named|PackageNotFoundError/,
    'make its environment again: `azr setup engine --force`',
  ],
  [
    /architectures? .*not supported|Unknown architecture|does not recognize this architecture/i,
    'this model cannot be served: choose another with --model.path',
  ],
  [
    /safetensors|HeaderTooLarge|InvalidHeader|Error while deserializing/i,
    "the model's weights are damaged: fetch or import it again",
  ],
  [
    /no kernel image|CUDA driver|NVIDIA driver|libcuda/i,
    'the driver does not support this CUDA build: `azr doctor`, or `azr setup engine --device ' +
      'cpu`',
  ],
]

/** The most useful line of a log, with advice. */
export const reasonIn = (lines: readonly string[]) => tellingLine(lines, { prefix, echoes, advice })
