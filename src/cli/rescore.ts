import { join } from 'node:path'
import { AzrError, UsageError } from '../../domain/errors.ts'
import { stamp } from '../../lib/formats.ts'
import { table } from '../../lib/table.ts'
import { createTerminal, jsonText, type Terminal } from '../../lib/terminal.ts'
import { checkName, existingRun, readRun } from '../../state/open.ts'
import { createRescore, type RescoreSummary } from '../../state/rescores.ts'
import type { Config } from '../config/config.ts'
import { alteredConfig } from '../config/load.ts'
import { openPlugins } from '../plugins/open.ts'
import { replay } from '../run/replay.ts'
import { type Rescored, rescoreStep } from '../run/work/rescore.ts'
import { type Args, type CommandSpec, homeOf, setFlag } from './args.ts'
import { differenceLines } from './replay.ts'

export const spec: CommandSpec = {
  name: 'rescore',
  summary:
    "Computes a run's rewards and advantages again under other rules, without changing the run.",
  positions: ['RUN'],
  flags: {
    ...setFlag,
    name: { value: 'NAME', about: 'name of HOME/RUN/rescores/NAME.db; default: the time' },
  },
  detail:
    'Knobs: reward, advantage and task, propose.train and trainer.minibatches. Texts and ' +
    'executions stay\nas recorded: a task that only the new rules accept was never answered, ' +
    'and has no reward.',
}

const settable = /^(reward|advantage|task)\.|^propose\.train$|^trainer\.minibatches$/

/** A program that never ran cannot be judged by other rules, because its words are not stored. */
function refuse(path: string): string | null {
  if (path === 'task.bannedWords') {
    return 'Cannot rescore with other task.bannedWords as the names in programs are not stored'
  }
  if (settable.test(path)) return null
  return `Cannot rescore with another ${path} as it changes what is sampled: \`azr fork\` begins a run with it`
}

function gradeRows({ grades }: Rescored) {
  return grades.map(([before, after]) => ({
    id: before.id,
    step: before.step,
    role: before.role,
    kind: before.kind,
    verdict: before.verdict,
    new_verdict: after.verdict,
    reason: before.reason,
    new_reason: after.reason,
    success_rate: before.success_rate,
    new_success_rate: after.success_rate,
    reward: before.reward,
    new_reward: after.reward,
  }))
}

function advantageRows({ step, grades, batch: [before, after] }: Rescored) {
  const was = new Map(before.map(({ id, advantage }) => [id, advantage]))
  const is = new Map(after.map(({ id, advantage }) => [id, advantage]))
  return grades.flatMap(([{ id, role, kind }]) => {
    const [advantage, new_advantage] = [was.get(id) ?? null, is.get(id) ?? null]
    if (advantage === null && new_advantage === null) return []
    return [{ rollout_id: id, step, role, kind, advantage, new_advantage }]
  })
}

function show(terminal: Terminal, { rewards, advantages, kept }: RescoreSummary): void {
  const parts = { rewards, advantages, 'tasks kept': kept }
  for (const [title, rows] of Object.entries(parts)) {
    terminal.line(title)
    for (const line of table(rows)) terminal.line(`  ${line}`)
  }
}

type Job = { home: string; run: string; name: string; config: Config; settings: unknown }

async function rescore({ home, run, name, config, settings }: Job, terminal: Terminal) {
  const folder = existingRun(home, run)
  const other = { config, plugins: await openPlugins(config) }
  const rescored = createRescore(join(folder, 'rescores', `${name}.db`), { run, name, settings })
  try {
    const { difference } = await replay({
      folder,
      isExecuted: false,
      onStep: ({ step }) => terminal.status(`step ${step} scored again`),
      async onGraded(ports, made) {
        const found = await rescoreStep(ports, made, other)
        rescored.add(gradeRows(found), advantageRows(found))
      },
    })
    if (difference) {
      throw new AzrError(
        'replay-differs',
        'Cannot rescore the run as its replay differs from its rows (see `azr replay`): ' +
          differenceLines(difference).join(' '),
      )
    }
    const summary = rescored.summary()
    rescored.keep()
    return summary
  } catch (error) {
    rescored.drop()
    throw error
  }
}

export async function run(args: Args): Promise<number> {
  const home = homeOf(args)
  const name = args.positions[0] as string
  const stored = readRun(home, name, reader => reader.run())
  if (args.overrides.length === 0) {
    throw new UsageError(
      'argument-missing',
      'Cannot rescore without a changed rule: --set reward.zeroLearnability=0',
    )
  }
  const config = alteredConfig(stored?.config, args.overrides, refuse)
  const settings = Object.fromEntries(args.overrides.map(({ path, value }) => [path, value]))
  const own = checkName(args.flags.get('name') ?? stamp())
  const terminal = createTerminal(process.stderr)
  const summary = await rescore({ home, run: name, name: own, config, settings }, terminal)
  terminal.close()
  show(terminal, summary)
  terminal.line(
    `every reward and advantage, before and after: ${join(home, name, 'rescores', `${own}.db`)}`,
  )
  if (args.flags.has('json')) {
    process.stdout.write(`${jsonText({ run: name, name: own, settings, ...summary })}\n`)
  }
  return 0
}
