import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AzrError } from '../../domain/errors.ts'
import { sendCommand } from '../../state/open.ts'
import { isOwned } from '../../state/owner.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'

const patienceMs = 30_000

export const spec: CommandSpec = {
  name: 'stop',
  summary: 'Stops a run that another process works on; `azr resume RUN` continues it later.',
  positions: ['RUN'],
  flags: {},
}

export async function run(args: Args): Promise<number> {
  const home = homeOf(args)
  const name = args.positions[0] as string
  sendCommand(home, name, 'stop')
  const until = Date.now() + patienceMs
  while (isOwned(join(home, name))) {
    if (Date.now() > until) {
      throw new AzrError(
        'stop-unconfirmed',
        `Cannot confirm that run ${name} ended within ${patienceMs / 1000} s: see \`azr status\``,
      )
    }
    await sleep(100)
  }
  process.stderr.write(`run ${name} has stopped; \`azr resume ${name}\` continues it\n`)
  return 0
}
