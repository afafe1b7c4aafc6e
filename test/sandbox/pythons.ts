/** The Pythons on this machine, from 3.11 on, from any source. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { python } from '../../src/config/paths.ts'

export type Found = { path: string; from: string; version: string }

const home = homedir()
/** Folders that contain one Python each, by their maker. */
const folders: [from: string, folder: string][] = [
  ['pyenv', join(home, '.pyenv', 'versions')],
  ['uv', join(home, '.local', 'share', 'uv', 'python')],
  ['conda', join(home, 'miniconda3', 'envs')],
]
const single: [from: string, path: string][] = [
  ['system', '/usr/bin/python3'],
  ['build', '/usr/local/bin/python3'],
  ['conda', join(home, 'miniconda3', 'bin', 'python3')],
  ['conda', '/opt/conda/bin/python3'],
]

function versionOf(path: string): string | null {
  try {
    const code = 'import sys; print("%d.%d.%d" % sys.version_info[:3], sys.version_info >= (3, 11))'
    const [version = '', isNew] = execFileSync(path, ['-S', '-c', code], { encoding: 'utf8' })
      .trim()
      .split(' ')
    return isNew === 'True' ? version : null
  } catch {
    return null
  }
}

export function findPythons(): Found[] {
  const many = folders.flatMap(([from, folder]) =>
    existsSync(folder)
      ? readdirSync(folder).map(name => [from, join(folder, name, 'bin', 'python3')] as const)
      : [],
  )
  const more = (process.env.AZR_PYTHONS?.split(':') ?? []).map(path => ['given', path] as const)
  const all = [['the project', python] as const, ...single, ...many, ...more]
  return all.flatMap(([from, path]) => {
    const version = existsSync(path) ? versionOf(path) : null
    return version ? [{ from, path, version }] : []
  })
}
