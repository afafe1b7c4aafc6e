/**
 * Installs the Python packages with uv, which takes a fifth of pip's time by working in parallel.
 * It uses the indexes in pip's configuration. If it fails, torch.ts uses pip.
 */
import { runProgram } from '../../lib/programs.ts'
import { need } from './child.ts'
import { phase } from './phases.ts'
import { pinnedTorch, standingBuild, type TorchSetup } from './torch.ts'

const pinnedUv = 'uv==0.13.9'

/** The imports of learner and engine, so that Python compiles them once for all processes. */
const imported = 'import torch, torch._dynamo, numpy, safetensors.torch, tokenizers, uvicorn'

/** Installs `files` and a CPU build of torch, if none is installed. Returns whether it could. */
export async function installByUv(setup: TorchSetup, files: readonly string[]): Promise<boolean> {
  if (!(await phase('Python packages', install(setup, files)))) return false
  const { root, python, env } = setup
  const writing = { cwd: root, env: { ...env, PYTHONDONTWRITEBYTECODE: '' } }
  await phase('first import', need('import what was installed', python, ['-c', imported], writing))
  return true
}

/** Prefers a CPU build from pip's index, else from PyTorch's own. */
async function install(setup: TorchSetup, files: readonly string[]): Promise<boolean> {
  const { root, say } = setup
  const pinned = pinnedTorch(root)
  say(`installing ${pinned} for the CPU (about 200 MB) and the other Python packages`)
  const uv = await findUv(setup)
  const listed = files.flatMap(file => ['-r', file])
  const isThere = (await standingBuild(setup)) !== null
  const wanted = [[`${pinned}+cpu`], [pinned, '--torch-backend', 'cpu']]
  for (const build of isThere ? [[]] : wanted) {
    if (await uv?.([...build, ...listed])) return true
  }
  say('uv could not install them: trying pip')
  return false
}

type Environment = Pick<TorchSetup, 'root' | 'python' | 'env'>

/** Returns a function that installs with uv and reports success; null if there is no uv. */
export async function findUv({ root, python, env }: Environment) {
  const options = { cwd: root, env }
  const pip = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '-q']
  if ((await runProgram(python, [...pip, pinnedUv], options)).code !== 0) return null
  const within = { cwd: root, env: { ...env, ...(await translatePipConfig(python, options)) } }
  return async (what: readonly string[]): Promise<boolean> => {
    const install = ['-m', 'uv', 'pip', 'install', '--python', python]
    return (await runProgram(python, [...install, ...what], within)).code === 0
  }
}

/** uv does not read pip's configuration. From several indexes it takes the best, like pip. */
async function translatePipConfig(
  python: string,
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<NodeJS.ProcessEnv> {
  const { output } = await runProgram(python, ['-m', 'pip', 'config', 'list'], options)
  const get = (key: string) => {
    for (const place of [':env:', 'install', 'global']) {
      const line = output.split('\n').find(text => text.startsWith(`${place}.${key}=`))
      const value = line && /^[^=]*=['"](.*)['"]$/.exec(line)?.[1]
      if (value) return value.split(/\s|\\n/).filter(Boolean)
    }
    return []
  }
  const found: NodeJS.ProcessEnv = {
    UV_FIND_LINKS: get('find-links').join(','),
    UV_DEFAULT_INDEX: get('index-url').join(' '),
    UV_INDEX: get('extra-index-url').join(' '),
    UV_CONSTRAINT: get('constraint').join(' '),
    UV_INDEX_STRATEGY: 'unsafe-best-match',
    UV_NO_INDEX: get('no-index').length ? '1' : '',
    SSL_CERT_FILE: options.env.SSL_CERT_FILE ?? get('cert').join(''),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value))
}
