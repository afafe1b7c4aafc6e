/**
 * Profiles: additional packages that programs may import. Each profile has its own folder, which
 * its first use fills with pip from `profiles/NAME.txt`. Nothing else uses them.
 */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { SandboxGone } from '../domain/errors.ts'
import { lastLine } from '../lib/formats.ts'
import type { Profile } from './process.ts'

/** The modules that are loaded before the first fork, and may be imported. */
const preloads = {
  standard: [],
  numpy: ['numpy'],
  mathematics: ['sympy', 'mpmath', 'antlr4', 'latex2sympy2_extended', 'math_verify'],
} as const

export type ProfileName = keyof typeof preloads
export const profileNames = Object.keys(preloads) as ProfileName[]
export const isProfile = (name: string): name is ProfileName => Object.hasOwn(preloads, name)

export type ProfileOptions = {
  python: string
  /** The folder of all profiles. */
  home: string
}

const run = promisify(execFile)
const say = (line: string) => void process.stderr.write(`azr: ${line}\n`)
const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check']

/** Another list of packages, or another Python, gets another folder. */
async function folderOf(name: ProfileName, list: string, { python, home }: ProfileOptions) {
  const { stdout } = await run(python, ['-c', 'import sys; print(sys.implementation.cache_tag)'])
  const key = createHash('sha256')
    .update(stdout)
    .update(await readFile(list))
    .digest('hex')
  return join(home, `${name}-${key.slice(0, 12)}`)
}

const isAlive = (pid: number) => existsSync(`/proc/${pid}`)

/** Removes what a killed installation has left. */
async function sweep(home: string): Promise<void> {
  for (const name of await readdir(home).catch(() => [])) {
    const pid = /\.(\d+)$/.exec(name)?.[1]
    if (pid && !isAlive(Number(pid))) await rm(join(home, name), { recursive: true, force: true })
  }
}

/**
 * Installs under a temporary name first, so that the install is complete or absent. If two install
 * at once, the later one is dropped.
 */
async function install(python: string, list: string, folder: string): Promise<void> {
  const partial = `${folder}.${process.pid}`
  try {
    await sweep(dirname(folder))
    await mkdir(partial, { recursive: true })
    await run(python, [...pip, '--target', partial, '-r', list])
    await rename(partial, folder).catch(error => {
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

/** The profile, for `startSandbox`. Installs its packages if that is not done yet. */
export async function openProfile(
  name: ProfileName,
  options: ProfileOptions,
): Promise<Profile | undefined> {
  const preload = preloads[name]
  if (preload.length === 0) return undefined
  const list = join(import.meta.dirname, 'profiles', `${name}.txt`)
  try {
    const packages = await folderOf(name, list, options)
    if (!existsSync(packages)) {
      say(`installing the packages of the sandbox's profile ${name} (first use, about a minute)`)
      await install(options.python, list, packages)
    }
    return { packages, preload }
  } catch (error) {
    const words = lastLine((error as { stderr?: string }).stderr ?? '')
    const message =
      `Cannot install the packages of the sandbox's profile ${name}: check the network, then ` +
      'run this again'
    throw new SandboxGone('profile-not-installed', message, {
      cause: words ? new Error(words) : error,
    })
  }
}
