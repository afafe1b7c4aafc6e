/** Runs the shell blocks of a page as a reader would: in bash, with `azr` in the path. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../src/config/paths.ts'
import { temporary } from '../temporary.ts'
import { blocksOf } from './pages.ts'

export type Reader = {
  folder: string
  /** Runs a page's blocks without a mark. Returns the output of each. */
  follow: (page: string) => string[]
  /** Runs a given text. */
  run: (name: string, text: string, env?: NodeJS.ProcessEnv) => string
}

/** A folder that looks like a clone, with `runs` of its own. */
export function newReader(name: string): Reader {
  const folder = temporary(name.replaceAll('/', '-'))
  for (const part of ['configs', 'examples', 'models']) {
    symlinkSync(join(root, part), join(folder, part))
  }
  const bin = join(folder, 'scripts')
  mkdirSync(bin)
  const entry = join(root, 'src', 'cli', 'main.ts')
  writeFileSync(join(bin, 'azr'), `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`, {
    mode: 0o755,
  })
  const run = (at: string, text: string, more: NodeJS.ProcessEnv = {}) => {
    const { AZR_HOME: _, ...env } = { ...process.env, ...more }
    // Without --norc bash reads bashrc when its standard input is a socket, as here.
    const words = ['--norc', '-euo', 'pipefail', '-c', text]
    const { status, stdout, stderr } = spawnSync('bash', words, {
      cwd: folder,
      env: { ...env, PATH: `${bin}:${process.env.PATH}`, COLUMNS: '100' },
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`${at} ended with ${status}:\n${text}\n${stdout}${stderr}`)
    return `${stdout}${stderr}`
  }
  const follow = (page: string) =>
    blocksOf(page)
      .filter(({ language, marks }) => language === 'sh' && marks.length === 0)
      .map(({ line, text }) => run(`${page}:${line}`, text))
  return { folder, follow, run }
}
