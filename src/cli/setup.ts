import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../paths.ts'
import type { Args, CommandSpec } from './args.ts'

export const spec: CommandSpec = {
  name: 'setup',
  summary: 'Installs what is missing or stale: packages, and a Python environment with torch.',
  positions: [],
  flags: {
    dev: { about: 'also what the tests need' },
    force: { about: 'do it again even where nothing is stale' },
  },
}

export async function run({ flags }: Args): Promise<number> {
  const level = flags.has('dev') ? 'dev' : 'runtime'
  const force = flags.has('force') ? ['--force'] : []
  const script = join(root, 'scripts', 'setup.ts')
  const { status } = spawnSync(process.execPath, [script, level, ...force], { stdio: 'inherit' })
  if (status === 0) process.stderr.write('azr: everything is set up\n')
  return status ?? 1
}
