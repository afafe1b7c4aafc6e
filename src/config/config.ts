/**
 * Every knob of a run in one schema, with its default and reason. The parsed config is stored with
 * the run. Files and flags are read in load.ts. docs/reference/config.md is generated from here.
 */
import { z } from 'zod'
import { worryingWords } from '../../domain/health/worry.ts'
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
    'Checks in flight: of a proposal, or of all answers to a task.',
  ),
  workers: operate(positive.default(2), 'Pairs of fork servers.'),
  profile: knob(
    z.enum(['standard', 'numpy', 'mathematics']).default('standard'),
    'What programs may import beside the standard library; others need memoryMb 2048.',
  ),
  timeoutMs: knob(positive.default(1000), 'CPU time of one execution.'),
  taskShare: knob(
    z.number().positive().max(1).default(0.5),
    'Share of timeoutMs in which a task has to run: half, so that no right answer to a slow task runs ' +
      'out of time on a busy machine. The published code gives both 10 s: 1.',
  ),
  memoryMb: knob(positive.default(512), 'Address space of one execution.'),
  maxOutputBytes: knob(positive.default(65536), 'Bytes of the text of a value.'),
  runs: knob(
    positive.min(2).max(5).default(2),
    'Runs of a task that is kept, all of which must agree; three find more chance than two.',
  ),
})

const deadlines = section({
  itemSeconds: operate(seconds.default(120), 'Silence of an actor that has items in hand.'),
  serviceSeconds: operate(seconds.default(600), 'One command to the learner, one load.'),
  startSeconds: operate(seconds.default(120), 'Start of the engine or the learner.'),
  tokenSeconds: operate(
    seconds.default(60),
    'Silence of an engine that has requests open: no answer, no token. Then it hangs.',
  ),
  stallSeconds: operate(
    seconds.default(900),
    'Silence of the whole run; noticed after one to two of it.',
  ),
})

const isKind = (text: string) => builtInNames.includes(text) || isPluginPath(text)

const schema = z.strictObject({
  seed: knob(z.int().default(1), 'All randomness is drawn from it, by key.'),
  steps: knob(count.default(500), 'Updates (paper: 500). A resumed run may ask for more.'),
  dialect: knob(
    z.enum(['r1', 'code', 'micro']).default('r1'),
    'How prompts are written: instructions, code to go on from (base and small models), marks of the embedded model.',
  ),
  reading,
  kinds: plug(
    z
      .array(z.string().refine(isKind, `is one of ${builtInNames.join(', ')}, or ./my/kind.ts`))
      .min(1)
      .refine(list => new Set(list).size === list.length, 'a kind is named twice')
      .default([...builtInNames]),
    'Kinds of tasks in play (paper, table 2): by name, or a file of your own, ./my/kind.ts ' +
      '(docs/how-to/add-a-kind.md), which runs in our process. With induction alone the seeding ' +
      'fills the other two as well: its programs come from there.',
  ),
  model: section({
    path: knob(z.string().default('models/micro'), 'A Hugging Face folder.'),
    shape: operate(
      shapeSchema.nullable().default(null),
      'For `azr plan` alone, where the model is not there yet; null: read from its config.json.',
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
    capacity: knob(positive.default(16384), 'Newest tasks of each kind that can be drawn (paper).'),
  }),
  evaluate,
  checkpoint: section({
    every: knob(positive.default(1), 'Steps between checkpoints.'),
    keep: operate(positive.default(3), 'Newest checkpoints that are kept.'),
    keepEvery: operate(count.default(0), 'Those of every so many steps are kept too; 0: none.'),
    keepBest: operate(z.boolean().default(true), 'The best one is kept too.'),
    best: operate(
      z.string().min(1).default('suites'),
      'What best means: suites (mean over those of the curve, greedy), SUITE, SUITE:KIND, or a curve by ' +
        'name, as accuracy.all; with - before it, the lower the better.',
    ),
  }),
  parity: section({
    tolerance: knob(
      z.number().positive().nullable().default(null),
      'How far engine and learner may differ in a log-probability: float32, the largest difference; ' +
        'otherwise the root mean square, and ten times that for the 99.9th percentile. null: 0.001 in ' +
        'float32, 0.15 in bfloat16, 0.5 where the learner computes in 4 bits (docs/explanation/parity.md).',
    ),
    probes: knob(positive.default(16), 'Sequences scored by engine and learner.'),
  }),
  health: section({
    onCollapse: operate(
      z.enum(['warn', 'pause', 'stop']).default('warn'),
      'What a run does when its curves say that learning on makes it worse (docs/reference/health.md).',
    ),
    words: operate(
      z.array(z.string().min(1)).default(worryingWords),
      'Texts that hold one of these are shown as worrying.',
    ),
  }),
  deadlines,
  restarts: operate(count.default(3), 'Times that a dead engine or learner is started again.'),
  attempts: operate(positive.default(3), 'Times that an item is tried.'),
})

const cut =
  'has to be 1 where answers are trained on: the learner computes the whole distribution, of which ' +
  'the engine would sample a part'

export const configSchema = schema
  .refine(({ estimate, solve }) => !estimate.reuse || solve.on === 'current', {
    path: ['estimate', 'reuse'],
    message: "needs solve.on: current, as the previous step's answers are another policy's",
  })
  .refine(({ propose, solve }) => !propose.train || propose.temperature === solve.temperature, {
    path: ['propose', 'temperature'],
    message:
      'has to be solve.temperature where propose.train: the learner computes all at that one',
  })
  .refine(({ solve }) => solve.topP === 1, { path: ['solve', 'topP'], message: cut })
  .refine(({ propose }) => propose.topP === 1 || !propose.train, {
    path: ['propose', 'topP'],
    message: `${cut}; without propose.train it may be lower`,
  })
  .refine(({ engine, trainer }) => trainer.method === 'full' || fitsEngine(engine, trainer), {
    path: ['engine', 'loraRank'],
    message: 'has to be 0 (merged weights are loaded) or trainer.loraRank at least',
  })
  .refine(({ engine, trainer }) => trainer.method !== 'qlora' || engine.loraRank > 0, {
    path: ['trainer', 'method'],
    message: 'qlora needs an engine that loads adapters: engine.kind vllm and engine.loraRank',
  })
  .refine(({ trainer }) => trainer.world === 0 || trainer.world >= trainer.processes, {
    path: ['trainer', 'world'],
    message: 'counts all processes, those of this machine too: trainer.processes or more, or 0',
  })
  .refine(({ trainer }) => !hasOthers(trainer) || trainer.meet !== null, {
    path: ['trainer', 'meet'],
    message: 'is needed for processes of other machines: HOST:PORT of this one',
  })
  .refine(({ trainer }) => isAlone(trainer) || fitsShards(trainer), {
    path: ['trainer', 'processes'],
    message:
      'above 1 needs trainer.optimizer=adamw and no qlora: shards are neither in 4 nor 8 bits',
  })
  .refine(({ engine }) => engine.quantization === null || engine.loraRank > 0, {
    path: ['engine', 'quantization'],
    message: 'needs adapters: engine.loraRank; full weights are never loaded in 8 bits',
  })
  .refine(({ trainer }) => trainer.cards === null || isOneEach(trainer), {
    path: ['trainer', 'cards'],
    message: 'has to name one card for each of trainer.processes',
  })
  .refine(({ engine, trainer }) => !engine.sleep || !areApart(engine, trainer), {
    path: ['engine', 'sleep'],
    message: 'has to be false where engine.cards and trainer.cards are different ones',
  })
  .refine(({ trainer }) => trainer.backend !== 'plain' || isPlain(trainer), {
    path: ['trainer', 'backend'],
    message: 'plain computes in float32, and no qlora',
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
