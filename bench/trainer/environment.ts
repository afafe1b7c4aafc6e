/** A Python that has TRL beside the learner's own packages: no part of what azr installs. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { python, root, venv } from '../../src/config/paths.ts'

/** The one that is named, or one made for this, once: it reads torch and transformers from .venv. */
export function trlPython(given: string | undefined): string {
  if (given) return given
  const home = join(root, '.azr', 'bench', 'trl')
  const own = join(home, 'bin', 'python')
  if (existsSync(join(home, 'done'))) return own
  const options = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'] }
  execFileSync(python, ['-m', 'venv', '--clear', home], options)
  const [version] = readdirSync(join(home, 'lib'))
  const packages = ['lib', version as string, 'site-packages']
  writeFileSync(join(home, ...packages, 'shared.pth'), `${join(venv, ...packages)}\n`)
  const list = join(import.meta.dirname, 'requirements.txt')
  execFileSync(own, ['-m', 'pip', 'install', '--quiet', '-r', list], options)
  writeFileSync(join(home, 'done'), '')
  return own
}
