/** The commands of `azr`, in the groups in which `azr --help` lists them. */
import type { Args, CommandSpec } from './args.ts'

export type Command = { spec: CommandSpec; run: (args: Args) => Promise<number> }
export type Listed = { about: string; group: string; load: () => Promise<Command> }

/** Loaded only if called, so that `--help` is quick and needs no packages. */
const groups: Record<string, Record<string, Omit<Listed, 'group'>>> = {
  Runs: {
    train: { about: 'begin a run of self-play', load: () => import('./train.ts') },
    resume: { about: 'continue a run', load: () => import('./resume.ts') },
    pause: { about: 'pause a run until azr resume RUN', load: () => import('./pause.ts') },
    stop: { about: 'stop a run that another process works on', load: () => import('./stop.ts') },
    fork: {
      about: "begin a new run from a run's state after a step",
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
      about: 'export a run: parquet, jsonl, tensorboard, hf',
      load: () => import('./export.ts'),
    },
    db: {
      about: 'check, back up or describe the files of a run',
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
    docs: {
      about: 'read the documentation in a browser, with search',
      load: () => import('./docs.ts'),
    },
    setup: { about: 'install what is missing or stale', load: () => import('./setup.ts') },
    model: { about: 'import a small language model', load: () => import('./model.ts') },
    seeds: {
      about: 'check seeds from elsewhere, for a run to begin with',
      load: () => import('./seeds.ts'),
    },
    exec: {
      about: 'run programs in the sandbox: JSON lines in, JSON lines out',
      load: () => import('./exec.ts'),
    },
  },
}

export const commands: Record<string, Listed> = Object.fromEntries(
  Object.entries(groups).flatMap(([group, members]) =>
    Object.entries(members).map(([name, command]) => [name, { ...command, group }] as const),
  ),
)
