/** Makes a Python with TRL in addition to the learner's packages. azr does not install it. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { python, root, venv } from '../../src/config/paths.ts'

/**
 * The given Python, or else one that the first call installs in .azr. It reads torch and
 * transformers from .venv.
 */
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
