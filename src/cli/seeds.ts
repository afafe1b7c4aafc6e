/** `azr seeds import`: checks seeds from elsewhere in the sandbox, for a run to begin with. */
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { dialectOf } from '../../domain/prompts/index.ts'
import { countReasons } from '../../domain/reasons.ts'
import { percent } from '../../lib/formats.ts'
import { jsonText } from '../../lib/terminal.ts'
import { writeWhole } from '../../lib/whole-file.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { openProfile } from '../../sandbox/profiles.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { profileFolder, python } from '../config/paths.ts'
import { kindsIn, openPlugins } from '../plugins/open.ts'
import { checkSeeds } from '../run/check-seeds.ts'
import { readSeeds } from '../run/seed-file.ts'
import type { Seed } from '../run/work/seeding.ts'
import { type Args, type CommandSpec, publishedFlag } from './args.ts'

export const spec: CommandSpec = {
  name: 'seeds',
  summary: 'Checks seeds of another origin like proposals, and keeps those that are valid tasks.',
  positions: ['import', 'FILE', '[FILE]…'],
  takesKnobs: true,
  flags: {
    preset: {
      value: 'PRESET|FILE',
      about: 'preset whose rules the seeds have to follow (qwen2.5-7b)',
    },
    out: { value: 'FILE', about: 'file for the valid tasks among them (seeds.jsonl)' },
    ...publishedFlag,
  },
  detail: [
    'FILE: lines of the published code (data/7b_seed_io.jsonl, data/7b_code_f_seed_io.jsonl), ' +
      'or of azr',
    'azr train PRESET --seeding.from=./seeds.jsonl begins a run with them',
  ].join('\n'),
}

/** Checks them in their own sandbox. */
async function check(config: Config, seeds: readonly Seed[]) {
  const { workers, profile: name } = config.sandbox
  const kinds = kindsIn(config, await openPlugins(config))
  const dialect = dialectOf(config, kinds.all)
  const profile = await openProfile(name, { python, home: profileFolder })
  const sandbox = await startSandbox({ python, workers, profile })
  try {
    return await checkSeeds({ config, kinds, dialect, sandbox }, seeds)
  } finally {
    await sandbox.stop()
  }
}

type Checked = Awaited<ReturnType<typeof check>>

/**
 * By kind: the number of seeds, the number of tasks, and the reasons of the others, commonest
 * first.
 */
function sharesOf(found: Checked) {
  return [...Map.groupBy(found, ({ seed }) => seed.kind)].map(([kind, mine]) => {
    const refused = mine.flatMap(({ reason }) => reason ?? [])
    const reasons = countReasons(refused)
    return { kind, seeds: mine.length, accepted: mine.length - refused.length, reasons }
  })
}

/**
 * Called before the checks, which take minutes. A refused seed is not kept, so a source must not be
 * overwritten.
 */
function checkOut(out: string, files: readonly string[]): void {
  if (files.some(file => resolve(file) === out)) {
    throw new UsageError(
      'target-exists',
      `Cannot write seeds to ${out} as they are read from it: choose another --out`,
    )
  }
  if (!existsSync(dirname(out))) {
    throw new UsageError(
      'folder-missing',
      `Cannot write seeds to ${out} as there is no folder ${dirname(out)}`,
    )
  }
}

export async function run(args: Args): Promise<number> {
  const [verb, ...files] = args.positions
  if (verb !== 'import')
    throw new UsageError(
      'word-unexpected',
      `Cannot run azr seeds ${verb}: use azr seeds import FILE`,
    )
  const config = loadConfig(args.flags.get('preset') ?? 'qwen2.5-7b', args.overrides)
  const out = resolve(args.flags.get('out') ?? 'seeds.jsonl')
  checkOut(out, files)
  const found = await check(config, files.flatMap(readSeeds))
  const kept = found.filter(({ reason }) => reason === null)
  writeWhole(out, kept.map(({ seed }) => `${JSON.stringify(seed)}\n`).join(''))
  const shares = sharesOf(found)
  if (args.flags.has('json')) {
    process.stdout.write(`${jsonText({ out, kinds: shares })}\n`)
    return 0
  }
  const lines = shares.flatMap(({ kind, seeds, accepted, reasons }) => [
    `${kind}: ${accepted} of ${seeds} are tasks (${percent(accepted / seeds, 1)})`,
    ...reasons.map(({ reason, count }) => `  ${String(count).padStart(4)} ${reason}`),
  ])
  process.stdout.write(`${[...lines, `kept in ${out}: --seeding.from=${out}`].join('\n')}\n`)
  return 0
}
