/** `azr`: finds the command, runs it, turns what it throws into one line and an exit code. */
import { AzrError, explain, UsageError } from '../../domain/errors.ts'
import { version } from '../config/paths.ts'
import { type Args, type CommandSpec, helpOf, parseArgs } from './args.ts'

type Command = { spec: CommandSpec; run: (args: Args) => Promise<number> }

/** Loaded when asked for, so that `--help` is quick and needs nothing installed. */
const commands: Record<string, { about: string; load: () => Promise<Command> }> = {
  train: { about: 'begin a run of self-play', load: () => import('./train.ts') },
  resume: { about: 'go on with a run', load: () => import('./resume.ts') },
  pause: {
    about: 'hold a run; `azr resume RUN` lets it go on',
    load: () => import('./pause.ts'),
  },
  stop: { about: 'end a run that another process works on', load: () => import('./stop.ts') },
  runs: { about: 'list runs; `azr runs rm RUN` deletes one', load: () => import('./runs.ts') },
  status: { about: 'what each run is doing', load: () => import('./status.ts') },
  tail: { about: 'follow a run from another shell', load: () => import('./tail.ts') },
  serve: { about: 'open the page and the API', load: () => import('./serve.ts') },
  db: { about: 'check, back up or describe what a run has stored', load: () => import('./db.ts') },
  report: { about: 'a run as one HTML file, and as Markdown', load: () => import('./report.ts') },
  exec: {
    about: 'the sandbox as a filter: JSON lines in, JSON lines out',
    load: () => import('./exec.ts'),
  },
  contamination: {
    about: 'what the tasks of a run share with the benchmarks',
    load: () => import('./contamination.ts'),
  },
  compare: { about: 'two evaluations, item by item', load: () => import('./compare.ts') },
  data: { about: 'list and fetch the benchmarks', load: () => import('./data.ts') },
  eval: { about: 'score a model or a run on held-out suites', load: () => import('./eval.ts') },
  trace: {
    about: 'where a row of a run comes from, as a tree',
    load: () => import('./trace.ts'),
  },
  replay: {
    about: 'run a run again from its rows, and compare',
    load: () => import('./replay.ts'),
  },
  rescore: {
    about: 'rewards and advantages of a run under other rules',
    load: () => import('./rescore.ts'),
  },
  fork: {
    about: 'begin a run from another one as it stood after a step',
    load: () => import('./fork.ts'),
  },
  export: {
    about: 'write a run out: parquet, jsonl, tensorboard, hf',
    load: () => import('./export.ts'),
  },
  seeds: {
    about: 'check seeds of others, for a run to begin with',
    load: () => import('./seeds.ts'),
  },
  plan: { about: 'what a preset needs, and whether it fits', load: () => import('./plan.ts') },
  doctor: {
    about: 'say what this machine has and what is missing',
    load: () => import('./doctor.ts'),
  },
  setup: { about: 'install what is missing or stale', load: () => import('./setup.ts') },
  model: {
    about: '`azr model import` fetches a small language model',
    load: () => import('./model.ts'),
  },
}

function usage(): string {
  const lines = Object.entries(commands).map(([name, { about }]) => `  ${name.padEnd(9)} ${about}`)
  return [
    'azr: Absolute Zero on one box. A model invents tasks, solves them, and learns from both.',
    '',
    'azr COMMAND [ARGS] [--flag value]',
    '',
    ...lines,
    '',
    '`azr COMMAND --help` says more. `azr train micro` is a good beginning.',
    '',
  ].join('\n')
}

async function main(words: string[]): Promise<number> {
  const [name, ...rest] = words
  if (name === undefined || ['help', '--help', '-h'].includes(name)) {
    process.stdout.write(usage())
    return 0
  }
  if (name === '--version') {
    process.stdout.write(`azr ${version}\n`)
    return 0
  }
  if (!Object.hasOwn(commands, name)) {
    const { didYouMean } = await import('../config/load.ts')
    const known = Object.keys(commands)
    throw new UsageError(
      `There is no command ${name}${didYouMean(name, known)} \`azr --help\` lists them`,
    )
  }
  const { spec, run } = await (commands[name] as { load: () => Promise<Command> }).load()
  const args = await parseArgs(spec, rest)
  if (args.flags.has('help')) {
    process.stdout.write(helpOf(spec))
    return 0
  }
  return run(args)
}

// A closed pipe (`azr runs | head`) is the reader's choice, not an error.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
  throw error
})

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  // What a child said may be in it, and what a model wrote in that.
  const { plain } = await import('../../lib/terminal.ts')
  const isStored = (error as Error).name === 'SqliteError'
  const damage = isStored ? (await import('../../state/damage.ts')).damageOf(error) : null
  const why = damage ? `Cannot go on with run.db as ${damage}` : explain(error)
  process.stderr.write(`azr: ${plain(why)}\n`)
  if (!(error instanceof AzrError || damage) || process.env.AZR_DEBUG)
    process.stderr.write(`${(error as Error).stack}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
