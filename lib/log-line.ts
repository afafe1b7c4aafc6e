/** Of all that a dying child has said: the one line that matters, and what to do about it. */

/** Before a message: vLLM's process, level, time and place; any logger's, in brackets. */
const prefix =
  /^(?:\([A-Za-z_]+(?:_\w+)? pid=\d+\)\s*)?(?:(?:INFO|WARNING|ERROR) [\d-]+ [\d:]+ \[[^\]]*\] ?)?\s*/

/** Errors that only say that another was raised elsewhere. */
const echoes =
  /Engine core initialization failed|WorkerProc initialization failed|Worker failed with error|EngineDeadError|EngineCore encountered|See root cause above|SystemExit|KeyboardInterrupt/

const raised = /^(?:[a-zA-Z_][\w.]*\.)?(?:[A-Z]\w*)?(?:Error|Exception)\b(?::|$)/
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are taken out
const control = /\x1b\[[\d;]*m|[\x00-\x08\x0b-\x1f\x7f]/g
const vague = /Error|error|Cannot|Traceback|Killed/

const advice: [RegExp, string][] = [
  [/address already in use/i, 'something else listens on that port: try again'],
  [
    /out of memory|less than desired|No available memory|KV cache.*(?:larger|needed)/i,
    'give it less: engine.memoryShare, engine.kvCacheMb, engine.maxBatch or engine.maxLength',
  ],
  [/max_model_len|derived max/i, 'lower engine.maxLength to what the model can'],
  [/torchvision|torchaudio|torchcodec/i, 'make its environment anew: `azr setup engine --force`'],
  [/No module named|PackageNotFoundError/, 'make its environment anew: `azr setup engine --force`'],
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
    'the driver and the CUDA build do not go together: `azr doctor`, or `azr setup engine --device cpu`',
  ],
]

function adviceFor(line: string): string {
  const found = advice.find(([pattern]) => pattern.test(line))
  return found ? ` (${found[1]})` : ''
}

const chained = /direct cause of the following|During handling of the above/

/** The error at the root of the last chain of tracebacks. */
function rootError(lines: readonly string[]): string | undefined {
  let found: string | undefined
  let isLinked = false
  for (const line of lines) {
    if (chained.test(line)) isLinked = true
    if (!raised.test(line) || echoes.test(line)) continue
    if (!isLinked) found = line
    isLinked = false
  }
  return found
}

/** An error that was raised, else a line that speaks of one, else the last words. */
export function tellingLine(lines: readonly string[]): string {
  // Progress, as JSON, is no reason; nor are the characters of a terminal.
  const plain = lines
    .filter(line => !line.startsWith('{'))
    .map(line => line.replace(control, '').replace(prefix, ''))
    .filter(line => line.trim() !== '')
  const line =
    rootError(plain) ??
    plain.findLast(text => raised.test(text)) ??
    plain.findLast(text => vague.test(text)) ??
    plain.at(-1)
  return line === undefined ? '' : `${line.slice(0, 300)}${adviceFor(line)}`
}
