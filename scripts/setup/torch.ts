/**
 * Installs torch with pip, if uv failed (uv.ts). It prefers the CPU build if one can be found. The
 * plain build of most indexes is for CUDA and has gigabytes that nobody asked for, so it is the
 * last choice, with a message.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../../lib/programs.ts'
import { lastLines, need, SetupError } from './child.ts'
import type { Device } from './device.ts'
import { requirements } from './stamps.ts'

export type TorchSetup = {
  root: string
  python: string
  env: NodeJS.ProcessEnv
  say: (line: string) => void
  /** The device of the wanted torch; undefined takes the CPU's, or whatever is installed. */
  device?: Device
}

const pip = ['-m', 'pip', '--no-input', '--disable-pip-version-check']

export const pinnedTorch = (root: string) =>
  pinOf(readFileSync(join(root, requirements.runtime), 'utf8'))

/** The build of the pinned version that is installed, such as `cpu`; null if there is none. */
export async function standingBuild({ root, python, env }: TorchSetup): Promise<string | null> {
  const asked = ['-c', 'import importlib.metadata as m; print(m.version("torch"))']
  const { code, output } = await runProgram(python, asked, { cwd: root, env })
  const [version, build = ''] = output.trim().split('+')
  return code === 0 && version === pinnedTorch(root).split('==')[1] ? build : null
}

export async function installTorch(setup: TorchSetup): Promise<void> {
  const { root, python, env, say, device } = setup
  const pinned = pinnedTorch(root)
  const options = { cwd: root, env }
  const build = await standingBuild(setup)
  // Without a requested device any installed build is enough.
  if (build !== null && (device === undefined || (build === 'cpu') === (device === 'cpu'))) return

  if (device === 'cuda') {
    say(`installing ${pinned} for CUDA (several GB)`)
    const again = ['install', '--force-reinstall', `${pinned},!=${pinned.split('==')[1]}+cpu`]
    await need(`install ${pinned} for CUDA`, python, [...pip, ...again], options)
    return
  }
  say(`installing ${pinned} for the CPU (about 200 MB)`)
  const local = await runProgram(python, [...pip, 'install', `${pinned}+cpu`], options)
  if (local.code === 0) return
  if (isOffline(local.output)) {
    throw new SetupError(
      'setup-offline',
      `Cannot install ${pinned}+cpu as pip reaches no index: is this machine offline?\n${lastLines(local.output)}`,
    )
  }
  if (!/No matching distribution found for torch/.test(local.output)) {
    throw new SetupError(
      'setup-failed',
      `Cannot install ${pinned}+cpu:\n${lastLines(local.output)}`,
    )
  }

  say(
    `warning: found no CPU build of ${pinned}; using the plain one, which may install ` +
      'gigabytes of',
  )
  say('warning: CUDA packages. To avoid it, name an index or a folder with CPU builds in')
  say('warning: PIP_EXTRA_INDEX_URL or PIP_FIND_LINKS, remove .venv and run this again')
  await need(`install ${pinned}`, python, [...pip, 'install', pinned], options)
}

/** The same output also says that no distribution matches. */
const isOffline = (output: string) =>
  /from versions: none/.test(output) && /connection broken|failed to connect/i.test(output)

function pinOf(text: string): string {
  const pinned = /^torch==[\d.]+$/m.exec(text)?.[0]
  if (!pinned)
    throw new SetupError(
      'setup-failed',
      `Cannot find a line torch==VERSION in ${requirements.runtime}`,
    )
  return pinned
}
