/** `azr`: finds the command, runs it, turns what it throws into one line and an exit code. */
import { AzrError, codeOf, explain, printed, UsageError } from '../../domain/errors.ts'
import { isUtf8, restrictToAscii } from '../../lib/locale.ts'
import { version } from '../config/paths.ts'
import { type Args, type CommandSpec, isHelp, parseArgs } from './args.ts'
import { helpOf, usage } from './help.ts'

type Command = { spec: CommandSpec; run: (args: Args) => Promise<number> }

/** Loaded when asked for, so that `--help` is quick and needs nothing installed. */
const groups: Record<string, Record<string, { about: string; load: () => Promise<Command> }>> = {
  Runs: {
    train: { about: 'begin a run of self-play', load: () => import('./train.ts') },
    resume: { about: 'go on with a run', load: () => import('./resume.ts') },
    pause: { about: 'hold a run until azr resume RUN', load: () => import('./pause.ts') },
    stop: { about: 'stop a run that another process works on', load: () => import('./stop.ts') },
    fork: {
      about: 'begin a run from another run as it stood after a step',
      load: () => import('./fork.ts'),
    },
    runs: { about: 'list runs; azr runs rm RUN deletes one', load: () => import('./runs.ts') },
  },
  Watch: {
    status: { about: 'show what each run is doing', load: () => import('./status.ts') },
    tail: { about: 'follow a run from another shell', load: () => import('./tail.ts') },
    serve: { about: 'open the page and the API', load: () => import('./serve.ts') },
    report: {
      about: 'write a run as one HTML file, and as Markdown',
      load: () => import('./report.ts'),
    },
  },
  Evaluate: {
    eval: { about: 'score a model or a run on held-out suites', load: () => import('./eval.ts') },
    compare: { about: 'compare two evaluations, item by item', load: () => import('./compare.ts') },
    data: { about: 'list and fetch the benchmarks', load: () => import('./data.ts') },
    contamination: {
      about: 'find what the tasks of a run share with the benchmarks',
      load: () => import('./contamination.ts'),
    },
  },
  Inspect: {
    trace: {
      about: 'show where a row of a run comes from, as a tree',
      load: () => import('./trace.ts'),
    },
    replay: {
      about: 'run a run again from its rows, and compare',
      load: () => import('./replay.ts'),
    },
    rescore: {
      about: 'compute rewards and advantages of a run under other rules',
      load: () => import('./rescore.ts'),
    },
    export: {
      about: 'write a run out: parquet, jsonl, tensorboard, hf',
      load: () => import('./export.ts'),
    },
    db: {
      about: 'check, back up or describe what a run has stored',
      load: () => import('./db.ts'),
    },
  },
  'Set up': {
    plan: {
      about: 'show what a preset needs, and whether it fits',
      load: () => import('./plan.ts'),
    },
    doctor: {
      about: 'show what this machine has and what is missing',
      load: () => import('./doctor.ts'),
    },
    setup: { about: 'install what is missing or stale', load: () => import('./setup.ts') },
    model: { about: 'import a small language model', load: () => import('./model.ts') },
    seeds: {
      about: 'check seeds of others, for a run to begin with',
      load: () => import('./seeds.ts'),
    },
    exec: {
      about: 'run programs in the sandbox: JSON lines in, JSON lines out',
      load: () => import('./exec.ts'),
    },
  },
}

const commands = Object.fromEntries(
  Object.entries(groups).flatMap(([group, members]) =>
    Object.entries(members).map(([name, command]) => [name, { ...command, group }] as const),
  ),
)

/** What a program reads is UTF-8 in every locale. */
const writesData = ({ flags }: Args, name: string) => flags.has('json') || name === 'exec'

async function main(words: string[]): Promise<number> {
  // `azr help train` is `azr train --help`.
  const [first, second, ...others] = words
  const isHelpOf = first === 'help' && second !== undefined
  const [name, ...rest] = isHelpOf ? [second, ...others, '--help'] : words
  if (name === undefined || ['help', '--help', '-h'].includes(name)) {
    if (!isUtf8(process.env)) restrictToAscii(process.stdout)
    process.stdout.write(usage(commands))
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
      'command-unknown',
      `There is no command ${name}${didYouMean(name, known) || ':'} \`azr --help\` lists them`,
    )
  }
  const { spec, run } = await (commands[name] as { load: () => Promise<Command> }).load()
  const args = await parseArgs(spec, rest)
  if (!isUtf8(process.env) && (isHelp(args) || !writesData(args, name))) {
    restrictToAscii(process.stdout)
  }
  if (isHelp(args)) {
    process.stdout.write(await helpOf(spec, args.flags.has('help-all')))
    return 0
  }
  return run(args)
}

// A closed pipe (`azr runs | head`) is the reader's choice, not an error.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
  throw error
})

if (!isUtf8(process.env)) restrictToAscii(process.stderr)

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  // The message may quote a child process, and so text that a model wrote.
  const { plainLines } = await import('../../lib/terminal.ts')
  const isStored = (error as Error).name === 'SqliteError'
  const damage = isStored ? (await import('../../state/damage.ts')).damageOf(error) : null
  const why = damage ? `Cannot use run.db as ${damage}` : explain(error)
  const code = damage ? 'store-failed' : codeOf(error)
  const message = plainLines(why)
  process.stderr.write(`azr: ${printed(code, message)}\n`)
  if (process.argv.includes('--json'))
    process.stdout.write(`${JSON.stringify({ code, message })}\n`)
  if (!(error instanceof AzrError || damage) || process.env.AZR_DEBUG)
    process.stderr.write(`${(error as Error).stack}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
