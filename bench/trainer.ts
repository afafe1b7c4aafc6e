/**
 * `npm run bench:trainer`: compares our learner with TRL's GRPOTrainer, one thread each,
 * alternating.
 *
 * Both get the same batch of answers of mixed length to shared prompts: beta = 0, one iteration,
 * fp32, without generation. Tokens are real: each answer with its prompt, without padding. TRL runs
 * in several settings, and ours is compared with its fastest and its leanest. Then our peak memory
 * with sequences of 2,048 tokens is compared with that of 512, with the same number of tokens and
 * the same budget per pass.
 *
 * Figures are of the last update of each process, because the first one makes the moments.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { python, trainerFolder } from '../src/config/paths.ts'
import { countOf, readOptions, type Spec } from './options.ts'
import { trlPython } from './trainer/environment.ts'
import { stepBatch } from './trainer/step-batch.ts'
import { gigabytes, type Report, type Row, say, speed, table, tell } from './trainer/table.ts'

const spec: Spec = {
  command: 'npm run bench:trainer --',
  about:
    "Compares our learner with TRL's GRPOTrainer on the same batch: tokens per second, peak " +
    'memory.',
  flags: {
    model: {
      value: 'DIR',
      about: 'a model (default: random weights of the shape of SmolLM2-135M)',
    },
    answers: { value: 'N', about: 'answers in the batch, 8 per prompt', default: '32' },
    longest: { value: 'N', about: 'tokens of the longest answer', default: '512' },
    rounds: { value: 'N', about: 'turns of each side', default: '1' },
    updates: { value: 'N', about: 'updates per turn; the last one counts', default: '2' },
    ours: {
      value: 'LIST',
      about: 'tokens per pass of ours; with + layers are computed again in backward',
      default: '640,640+',
    },
    trl: {
      value: 'LIST',
      about: 'answers per pass of TRL; with + layers are computed again (8+ is its default)',
      default: '1,8+',
    },
    lengths: { value: 'N', about: 'tokens in the comparison of lengths; 0: none', default: '4096' },
    tasks: {
      value: 'N',
      about:
        'instead compare shared beginnings with shared prompts: N proposals and N answers per ' +
        'kind',
    },
    'tasks-trl': {
      value: 'N',
      about: 'instead compare with TRL on such a batch; --ours and --trl also apply',
    },
    dialect: { value: 'NAME', about: 'for both: r1 or code', default: 'r1' },
    thought: { value: 'N', about: 'for both: mean characters of a thought', default: '400' },
    layers: {
      value: 'N',
      about: "for --tasks: share of SmolLM2's 30 layers and vocabulary",
      default: '1',
    },
    tokens: { value: 'N', about: 'for --tasks: tokens per pass', default: '16384' },
    python: { value: 'FILE', about: 'a Python with TRL 1.16.0; without it one is made' },
  },
}
const values = readOptions(spec)
const rounds = countOf(spec, values, 'rounds')
const lengths = countOf(spec, values, 'lengths', 0)
const here = join(import.meta.dirname, 'trainer')
const folder = mkdtempSync(join(tmpdir(), 'azr-bench-trainer-'))

function call(program: string, args: string[]): string {
  const env = { ...process.env, PYTHONPATH: trainerFolder, OMP_NUM_THREADS: '1' }
  const options = { env, encoding: 'utf8' as const, maxBuffer: 1 << 28, cwd: here }
  const { status, stdout, stderr } = spawnSync(program, args, options)
  if (status === 0) return stdout
  throw new Error(`Cannot run ${args[0]}: ${stderr.trim().split('\n').slice(-3).join('\n')}`)
}

function measure(program: string, script: string, flags: string[]): Report {
  const lines = call(program, [join(here, script), ...flags])
    .trim()
    .split('\n')
  return JSON.parse(lines.at(-1) as string) as Report
}

const sizes = (model: string) => [
  '--model',
  model,
  '--updates',
  String(countOf(spec, values, 'updates')),
  '--answers',
  String(countOf(spec, values, 'answers', 8)),
  '--longest',
  String(countOf(spec, values, 'longest', 16)),
]

type Arm = { name: string; run: () => Report }

/** `flags` name the batch. */
function armsOf(flags: string[], theirs: string): Arm[] {
  const split = (list = '') => list.split(',').map(one => [parseInt(one, 10), one.endsWith('+')])
  const again = (is: unknown) => (is ? ['--checkpointing'] : [])
  const named = (is: unknown) => (is ? ', layers computed again' : '')
  return [
    ...split(values.ours).map(([tokens, is]) => ({
      name: `ours, ${tokens} tokens per pass${named(is)}`,
      run: () => measure(python, 'ours.py', [...flags, '--tokens', String(tokens), ...again(is)]),
    })),
    ...split(values.trl).map(([size, is]) => ({
      name: `TRL, ${size} answers per pass${named(is)}`,
      run: () => measure(theirs, 'theirs.py', [...flags, '--size', String(size), ...again(is)]),
    })),
  ]
}

function byTurns(arms: Arm[]): Row[] {
  const rows = arms.map(
    ({ name }) => ({ name, cpu: [], wall: [], peak: 0, own: 0, tokens: 0 }) as Row,
  )
  for (let round = 0; round < rounds; round++) {
    for (const [at, { run }] of arms.entries()) {
      const { updates, peak, before, tokens } = run()
      const { cpu, wall } = updates.at(-1) as Report['updates'][number]
      const row = rows[at] as Row
      row.cpu.push(cpu)
      row.wall.push(wall)
      row.tokens = tokens
      row.peak = Math.max(row.peak, peak)
      row.own = Math.max(row.own, peak - before)
      process.stderr.write(`${row.name}: ${cpu.toFixed(1)} s CPU, ${gigabytes(peak)} GB\n`)
    }
  }
  return rows
}

function compareLengths(model: string): void {
  const peakAt = (longest: number) => {
    const flags = ['--longest', String(longest), '--even', String(lengths), '--tokens', '2048']
    return measure(python, 'ours.py', ['--model', model, '--updates', '2', ...flags])
  }
  const [short, long] = [peakAt(512), peakAt(2048)]
  say('')
  say(
    `${lengths} tokens in sequences of 512: peak ${gigabytes(short.peak)} GB; of 2,048: ${gigabytes(long.peak)} GB`,
  )
  say(`ratio ${(long.peak / short.peak).toFixed(2)} (target: at most 1.2)`)
}

/** The model, and a file with a batch like that of a step in a dialect. */
function stepOf(tasks: number, layers: number) {
  const model = values.model ?? join(folder, 'model')
  if (!values.model) call(python, [join(here, 'shape.py'), model, String(layers)])
  const config = JSON.parse(readFileSync(join(model, 'config.json'), 'utf8'))
  const dialect = values.dialect === 'code' ? 'code' : 'r1'
  const [thought, vocabulary] = [countOf(spec, values, 'thought', 0), config.vocab_size as number]
  const rows = stepBatch({ dialect, tasks, thought, vocabulary })
  const batch = join(folder, 'batch.json')
  writeFileSync(batch, JSON.stringify(rows))
  return {
    rows,
    flags: ['--model', model, '--updates', values.updates as string, '--batch', batch],
  }
}

/** Compares on the whole model. The first update is short: it creates the moments. */
function compareOnStep(tasks: number): void {
  const theirs = trlPython(values.python)
  const { rows, flags } = stepOf(tasks, 30)
  say(`${cpus()[0]?.model}, one thread, ${rows.length} answers as of a step of ${values.dialect}`)
  tell(byTurns(armsOf(flags, theirs)))
}

function compareSharing(tasks: number): void {
  const { flags } = stepOf(tasks, countOf(spec, values, 'layers'))
  const tokens = ['--tokens', values.tokens as string, '--checkpointing']
  const run = (more: string[]) => () => measure(python, 'ours.py', [...flags, ...tokens, ...more])
  const rowsOf = byTurns([
    { name: 'prompts shared', run: run(['--by-prompt']) },
    { name: 'beginnings shared', run: run([]) },
  ])
  table(rowsOf)
  const [before, now] = rowsOf as [Row, Row]
  say('')
  say(`tokens per second: ${(speed(now) / speed(before)).toFixed(2)} × (target 1.5)`)
  say(`peak memory: ${(now.peak / before.peak).toFixed(2)} × (target: at most 1)`)
}

function compareTrainers(): void {
  const theirs = trlPython(values.python)
  const model = values.model ?? join(folder, 'model')
  if (!values.model) call(python, [join(here, 'shape.py'), model])
  say(
    `${cpus()[0]?.model}, one thread, ${values.answers} answers of up to ${values.longest} tokens`,
  )
  tell(byTurns(armsOf(sizes(model), theirs)))
  if (lengths > 0) compareLengths(model)
}

try {
  if (values['tasks-trl']) compareOnStep(countOf(spec, values, 'tasks-trl'))
  else if (values.tasks) compareSharing(countOf(spec, values, 'tasks'))
  else compareTrainers()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
