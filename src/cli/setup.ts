import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { root } from '../config/paths.ts'
import type { Args, CommandSpec } from './args.ts'

export const spec: CommandSpec = {
  name: 'setup',
  summary: 'Installs what is missing or stale: packages, and a Python environment with torch.',
  positions: ['[engine|trainer]'],
  flags: {
    device: {
      value: 'auto|cpu|cuda',
      about: 'for engine and trainer; auto: CUDA if there is a card',
    },
    'dry-run': { about: 'show what would be installed, and install nothing' },
    dev: { about: 'also install what the tests need' },
    force: { about: 'repeat it even if nothing is stale' },
  },
  detail:
    'engine: vLLM for real language models, in .venv-engine. trainer: the torch of the ' +
    'learner, transformers and peft, in .venv. They are independent, and `npm start` needs ' +
    'neither.',
}

export async function run({ flags, positions: [part] }: Args): Promise<number> {
  const device = flags.get('device')
  if (device !== undefined) {
    if (!part)
      throw new UsageError(
        'argument-missing',
        'Cannot set up a device without a part: azr setup engine --device cuda',
      )
    if (!['auto', 'cpu', 'cuda'].includes(device)) {
      throw new UsageError(
        'device-unknown',
        `Cannot set up for ${device}: --device is auto, cpu or cuda`,
      )
    }
  }
  const switches = ['force', 'dry-run'].filter(name => flags.has(name)).map(name => `--${name}`)
  const args = [part ?? (flags.has('dev') ? 'dev' : 'runtime'), ...switches]
  if (device !== undefined) args.push('--device', device)
  // Uses the launcher's lock, because a first `npm start` may be setting up the same folders.
  const level = flags.has('dry-run') ? 'node' : 'setup'
  const command = [level, 'scripts/setup.ts', ...args]
  const { status } = spawnSync(join(root, 'scripts/launch'), command, { stdio: 'inherit' })
  if (status === 0 && !flags.has('dry-run')) process.stderr.write('azr: everything is set up\n')
  return status ?? 1
}
