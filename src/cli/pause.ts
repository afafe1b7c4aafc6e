import { sendCommand } from '../../state/open.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'

export const spec: CommandSpec = {
  name: 'pause',
  summary: 'Pauses a run that another process works on; `azr resume RUN` continues it.',
  positions: ['RUN'],
  flags: {},
}

export async function run(args: Args): Promise<number> {
  const name = args.positions[0] as string
  sendCommand(homeOf(args), name, 'pause')
  process.stderr.write(`asked run ${name} to pause; \`azr resume ${name}\` continues it\n`)
  return 0
}
