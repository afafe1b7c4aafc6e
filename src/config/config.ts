/**
 * Every knob of a run in one schema, with its default and reason. The parsed config is stored with
 * the run. Files and flags are read in load.ts. docs/reference/config.md is generated from here.
 */
import { z } from 'zod'
import { worryingWords } from '../../domain/health/worry.ts'
import { mostSteps } from '../../domain/key.ts'
import { builtInNames } from '../../domain/kinds/index.ts'
import { shapeSchema } from '../../domain/shape.ts'
import { engine } from './engine.ts'
import { evaluate } from './evaluate.ts'
import { count, knob, operate, plug, positive, seconds, section } from './knob.ts'
import { isPluginPath } from './plugin-path.ts'
import { advantage, reward } from './reward.ts'
import { estimate, propose, reading, seeding, solve, task } from './tasks.ts'
import { trainer } from './trainer.ts'

const sandbox = section({
  concurrency: operate(
    positive.default(8),
    'Checks in flight. A check is of one proposal, or of all answers to a task.',
  ),
  workers: operate(positive.default(2), 'The number of pairs of fork servers.'),
  profile: knob(
    z.enum(['standard', 'numpy', 'mathematics']).default('standard'),
    'What programs may import in addition to the standard library. Profiles other than ' +
      'standard need sandbox.memoryMb of 2048.',
  ),
  timeoutMs: knob(positive.default(1000), 'The CPU time of one execution.'),
  taskShare: knob(
    z.number().positive().max(1).default(0.5),
    'The share of timeoutMs within which a task has to run. With half, a right answer to a ' +
      'slow task does not run out of time on a busy machine. The published code gives both 10 s ' +
      '(1).',
  ),
  memoryMb: knob(positive.default(512), 'The address space of one execution.'),
  maxOutputBytes: knob(positive.default(65536), 'The longest text of a value.'),
  runs: knob(
    positive.min(2).max(5).default(2),
    'How many times a task runs before it is accepted. All runs have to agree. Three runs ' +
      'find more randomness than two.',
  ),
})

const deadlines = section({
  itemSeconds: operate(
    seconds.default(120),
    'How long an actor with open items may send nothing, and how long a request to the engine may ' +
      'take. All answers to one prompt are one item, and arrive together: more of them, or longer ' +
      'ones, need more time.',
  ),
  serviceSeconds: operate(
    seconds.default(600),
    'How long one command to the learner, or one load, may take.',
  ),
  startSeconds: operate(
    seconds.default(120),
    'How long the engine or the learner may take to start.',
  ),
  tokenSeconds: operate(
    seconds.default(60),
    'How long an engine with open requests may give neither an answer nor a token. After that ' +
      'it counts as hung.',
  ),
  stallSeconds: operate(
    seconds.default(900),
    'How long the whole run may make no progress. This is noticed after one to two times as long.',
  ),
})

const isKind = (text: string) => builtInNames.includes(text) || isPluginPath(text)

const schema = z.strictObject({
  seed: knob(z.int().default(1), 'The number from which all randomness is drawn, by key.'),
  steps: knob(
    count.max(mostSteps).default(500),
    'The number of updates (paper: 500). A resumed run may have more.',
  ),
  dialect: knob(
    z.enum(['r1', 'code', 'micro']).default('r1'),
    'How prompts are written: r1, code or micro. ' +
      'r1: instructions, for models of 3 billion parameters and more. ' +
      'code: code to continue, for base models and small ones. micro: the marks of the embedded' +
      ' model.',
  ),
  reading,
  kinds: plug(
    z
      .array(z.string().refine(isKind, `is one of ${builtInNames.join(', ')}, or ./my/kind.ts`))
      .min(1)
      .refine(list => new Set(list).size === list.length, 'a kind is named twice')
      .default([...builtInNames]),
    'The kinds of tasks in play (paper, table 2): by name, or your own file such as ' +
      "./my/kind.ts (docs/how-to/add-a-kind.md), which runs in azr's process. With induction " +
      'alone the seeding also fills the other two, because its programs come from there.',
  ),
  model: section({
    path: knob(
      z.string().default('models/micro'),
      'A Hugging Face folder, or the name of a model in your hub cache.',
    ),
    shape: operate(
      shapeSchema.nullable().default(null),
      'The sizes of the model, for `azr plan` when the model is not there yet. null: read from ' +
        'its config.json.',
    ),
  }),
  engine,
  trainer,
  sandbox,
  seeding,
  propose,
  estimate,
  solve,
  task,
  reward,
  advantage,
  buffer: section({
    capacity: knob(
      positive.default(16384),
      'How many of the newest tasks of each kind can be drawn (paper).',
    ),
  }),
  evaluate,
  checkpoint: section({
    every: knob(positive.default(1), 'Steps between checkpoints.'),
    keep: operate(positive.default(3), 'How many of the newest checkpoints are kept.'),
    keepEvery: operate(
      count.default(0),
      'Also keeps every checkpoint whose step is a multiple of this. 0: none.',
    ),
    keepBest: operate(z.boolean().default(true), 'Also keeps the best checkpoint.'),
    best: operate(
      z.string().min(1).default('suites'),
      'The meaning of best. suites: the mean over the suites of the curve, greedy. SUITE or ' +
        'SUITE:KIND: one of them. The name of a curve, such as accuracy.all: its highest value. ' +
        'With - before it, the lowest is best.',
    ),
  }),
  parity: section({
    tolerance: knob(
      z.number().positive().nullable().default(null),
      'How far engine and learner may differ in a log-probability: float32, the largest difference; ' +
        'otherwise the root mean square, and ten times that for the 99.9th percentile. null: 0.001 in ' +
        'float32, 0.15 in bfloat16, 0.5 where the learner computes in 4 bits (docs/explanation/parity.md).',
    ),
    probes: knob(positive.default(16), 'The number of sequences that engine and learner score.'),
  }),
  health: section({
    onCollapse: operate(
      z.enum(['warn', 'pause', 'stop']).default('warn'),
      'What a run does when its curves show that more training makes it worse ' +
        '(docs/reference/health.md).',
    ),
    words: operate(
      z.array(z.string().min(1)).default(worryingWords),
      'The page marks texts that hold one of these as worrying.',
    ),
  }),
  deadlines,
  restarts: operate(count.default(3), 'How often a dead engine or learner is started again.'),
  attempts: operate(positive.default(3), 'How often an item is tried.'),
})

const comparesAnswers = ({ method }: { method: string }) => method === 'grpo' || method === 'pass@k'

const cut =
  'has to be 1 if answers are trained on: the learner computes the whole distribution, and ' +
  'the engine would sample only a part of it'

export const configSchema = schema
  .refine(({ estimate, solve }) => !estimate.reuse || solve.on === 'current', {
    path: ['estimate', 'reuse'],
    message:
      "needs solve.on: current, because answers to the previous step's tasks come from an older " +
      'policy',
  })
  .refine(({ propose, solve }) => !propose.train || propose.temperature === solve.temperature, {
    path: ['propose', 'temperature'],
    message:
      'has to equal solve.temperature if propose.train is true: the learner computes ' +
      'everything at that temperature',
  })
  .refine(({ solve }) => solve.topP === 1, { path: ['solve', 'topP'], message: cut })
  .refine(({ propose }) => propose.topP === 1 || !propose.train, {
    path: ['propose', 'topP'],
    message: `${cut}; without propose.train it may be lower`,
  })
  .refine(({ advantage, solve }) => solve.samples > 1 || !comparesAnswers(advantage), {
    path: ['advantage', 'method'],
    message:
      'compares answers to the same task, of which solve.samples: 1 gives one; use ' +
      '--solve.samples=8, or trr++',
  })
  .refine(({ engine, trainer }) => trainer.method === 'full' || fitsEngine(engine, trainer), {
    path: ['engine', 'loraRank'],
    message: 'has to be 0 (merged weights are loaded), or at least trainer.loraRank',
  })
  .refine(({ engine, trainer }) => trainer.method !== 'qlora' || engine.loraRank > 0, {
    path: ['trainer', 'method'],
    message: 'qlora needs an engine that loads adapters: engine.kind vllm and engine.loraRank',
  })
  .refine(({ trainer }) => trainer.world === 0 || trainer.world >= trainer.processes, {
    path: ['trainer', 'world'],
    message:
      'counts all processes, including those of this machine: use trainer.processes or more, or ' +
      '0',
  })
  .refine(({ trainer }) => !hasOthers(trainer) || trainer.meet !== null, {
    path: ['trainer', 'meet'],
    message: 'is needed if processes of other machines join: HOST:PORT of this machine',
  })
  .refine(({ trainer }) => isAlone(trainer) || fitsShards(trainer), {
    path: ['trainer', 'processes'],
    message: 'above 1 needs trainer.optimizer=adamw, and no qlora: shards cannot have 4 or 8 bits',
  })
  .refine(({ engine }) => engine.quantization === null || engine.loraRank > 0, {
    path: ['engine', 'quantization'],
    message: 'needs adapters (engine.loraRank above 0): full weights cannot be loaded in 8 bits',
  })
  .refine(({ trainer }) => trainer.cards === null || isOneEach(trainer), {
    path: ['trainer', 'cards'],
    message: 'has to name one card for each of trainer.processes',
  })
  .refine(({ engine, trainer }) => !engine.sleep || !areApart(engine, trainer), {
    path: ['engine', 'sleep'],
    message: 'has to be false if engine.cards and trainer.cards differ',
  })
  .refine(({ trainer }) => trainer.backend !== 'plain' || isPlain(trainer), {
    path: ['trainer', 'backend'],
    message: 'plain computes in float32 only, and has no qlora',
  })

type Learning = z.infer<typeof trainer>
type Sampling = z.infer<typeof engine>

const hasOthers = ({ world, processes }: Learning) => world > processes
const isAlone = ({ world, processes }: Learning) => Math.max(world, processes) === 1
const fitsShards = ({ optimizer, method }: Learning) => optimizer === 'adamw' && method !== 'qlora'

const isOneEach = ({ cards, processes }: Learning) => cards?.length === processes
export const areApart = ({ cards }: Sampling, { cards: others }: Learning) =>
  cards !== null && others !== null && !cards.some(card => others.includes(card))

const fitsEngine = ({ loraRank }: Sampling, { loraRank: rank }: Learning) =>
  loraRank === 0 || loraRank >= rank

const isPlain = ({ dtype, method }: Learning) => dtype === 'float32' && method !== 'qlora'

export type Config = z.infer<typeof configSchema>
