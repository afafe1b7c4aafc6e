/**
 * Makes the Python environment in .venv: an interpreter, torch for this machine, the pinned
 * requirements.
 */
import { existsSync, globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../../lib/programs.ts'
import { need, SetupError } from './child.ts'
import { phase } from './phases.ts'
import {
  type Level,
  markPythonUnfinished,
  modelRequirements,
  pythonLevel,
  requirements,
  stampPython,
  stamps,
} from './stamps.ts'
import { installTorch, type TorchSetup } from './torch.ts'
import { installByUv } from './uv.ts'

type PythonSetup = Omit<TorchSetup, 'python'> & { level: Level }

export async function setUpPython({ root, level, env, say, device }: PythonSetup): Promise<void> {
  const before = pythonLevel(root)
  const wanted = before === 'dev' ? 'dev' : level
  const python = join(root, '.venv/bin/python')
  const hasPip = async () =>
    (await runProgram(python, ['-m', 'pip', '-V'], { cwd: root, env })).code === 0
  if (!before || !(await hasPip())) {
    await phase('Python environment', makeEnvironment(root, env, say))
  }
  // If the rest fails, for example offline, the next set-up continues from here.
  markPythonUnfinished(root)
  forgetCutShort(root)
  const files = [requirements.runtime, ...(wanted === 'dev' ? [requirements.dev] : [])]
  // If the learner's set-up was requested, add the packages for real language models.
  if (device !== undefined) files.push(...modelRequirements(device))
  const torch = { root, python, env, say, device }
  if (device !== undefined || !(await installByUv(torch, files))) {
    await phase('torch by pip', installTorch(torch))
    await phase('Python packages by pip', installByPip(torch, files))
  }
  stampPython(root, wanted)
}

async function installByPip({ root, python, env, say }: TorchSetup, files: string[]) {
  say('installing the Python packages')
  const args = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check']
  const listed = files.flatMap(file => ['-r', file])
  await need('install the Python packages', python, [...args, ...listed], { cwd: root, env })
}

/**
 * pip writes its own name into a package last. Without it the package was cut short, and pip would
 * take it for complete.
 */
function forgetCutShort(root: string): void {
  for (const info of globSync('.venv/lib/python*/site-packages/*.dist-info', { cwd: root })) {
    const place = join(root, info)
    if (!existsSync(join(place, 'INSTALLER'))) rmSync(place, { recursive: true })
  }
}

async function makeEnvironment(
  root: string,
  env: NodeJS.ProcessEnv,
  say: PythonSetup['say'],
): Promise<void> {
  const python = await findPython(root, env)
  say(`setting up Python in .venv with ${python}`)
  rmSync(join(root, stamps.python), { force: true })
  const args = ['-m', 'venv', '--clear', join(root, '.venv')]
  await need('make the Python environment', python, args, { cwd: root, env })
}

const probe = 'import sys, venv; print("%d.%d" % sys.version_info[:2]); import ensurepip'

/** The newest Python of 3.11 to 3.13 that can make environments, else python3. */
export async function findPython(cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const names = env.AZR_PYTHON
    ? [env.AZR_PYTHON]
    : ['python3.13', 'python3.12', 'python3.11', 'python3']
  const found: string[] = []
  let lacksVenv: string | undefined
  for (const name of names) {
    const { code, output } = await runProgram(name, ['-c', probe], { cwd, env })
    const [, major, minor] = /^(\d+)\.(\d+)$/m.exec(output) ?? []
    if (!major) continue
    const version = `${major}.${minor}`
    const recent = Number(major) === 3 && Number(minor) >= 11
    if (recent && code === 0) return name
    if (recent) lacksVenv ??= version
    found.push(`${name} (${version})`)
  }
  if (lacksVenv) {
    throw new SetupError(
      'python-missing',
      `Cannot make a Python environment as Python ${lacksVenv} has no venv: install it (Debian, Ubuntu: sudo apt install python${lacksVenv}-venv), then run this again`,
    )
  }
  throw new SetupError(
    'python-missing',
    `Cannot find Python 3.11 or newer among ${names.join(', ')}: found ${found.join(', ') || 'none'}. Install it (Debian, Ubuntu: sudo apt install python3 python3-venv) or name one in AZR_PYTHON, then run this again`,
  )
}
