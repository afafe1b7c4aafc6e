import { describeRun, existingRun, openRun, readRun, sendCommand } from '../../state/open.ts'
import { resumeConfig, withRoom, withSteps } from '../config/load.ts'
import { checkSameModel } from '../config/model.ts'
import { checkSamePlugins } from '../plugins/open.ts'
import { checkWorld } from '../run/check.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'
import { selfPlay, serveFlags } from './self-play.ts'

export const spec: CommandSpec = {
  name: 'resume',
  summary: 'Continues a run that was stopped or killed. Committed work is not repeated.',
  positions: ['RUN'],
  takesKnobs: true,
  flags: {
    redo: { about: 'first delete the committed rows of the unfinished step' },
    ...serveFlags,
  },
  detail:
    'Only operational knobs may differ; steps and engine.maxLength may grow. --model.path may ' +
    'name the\nfolder to which the model was moved. The items of held-out suites are stored ' +
    'with the run.',
}

export async function run(args: Args): Promise<number> {
  const home = homeOf(args)
  const name = args.positions[0] as string
  existingRun(home, name)
  const { alive, isHeld } = describeRun(home, name)
  if (alive && isHeld) {
    sendCommand(home, name, 'resume')
    process.stderr.write(`run ${name} continues in its own process\n`)
    return 0
  }
  const state = readRun(home, name, reader => {
    const longest = reader.longestContext()
    const [step, steps] = [reader.lastStep(), reader.askedSteps()]
    return { run: reader.run(), step, steps, items: reader.suiteItems(), longest }
  })
  const began = state.run?.versions.model
  const stored = withSteps(withRoom(state.run?.config, state.longest), state.steps)
  const config = resumeConfig(stored, args.overrides)
  if (state.step !== null && state.step >= config.steps) {
    process.stderr.write(
      `run ${name} is done: it has all ${config.steps} steps; \`azr resume ${name} --steps ` +
        `${config.steps * 2}\` adds more\n`,
    )
    return 0
  }
  const { model, plugins } = await checkWorld(config, home, state.items)
  checkSamePlugins('resume', name, state.run?.plugins ?? [], plugins)
  await checkSameModel(name, model, began)
  const opened = await openRun(home, name)
  if (args.flags.has('redo')) {
    const step = (state.step ?? -1) + 1
    const rows = await opened.store.deleteStep(step)
    await opened.store.event('step.deleted', { step, rows })
  }
  return selfPlay({ run: opened, name, config, args, begun: 'resumed' })
}
