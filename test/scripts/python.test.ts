/** The leftovers of a failed Python set-up. Interpreter and pip are scripts that keep a log. */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { setUpPython } from '../../scripts/setup/python.ts'
import { type Level, pythonIsFresh, pythonLevel, stampPython } from '../../scripts/setup/stamps.ts'
import { pinnedTorch } from '../../scripts/setup/torch.ts'
import { temporary } from '../temporary.ts'
import { program } from './program.ts'

const root = join(import.meta.dirname, '..', '..')

/** A working .venv at level runtime. `unreachable` is what pip cannot install. */
function environment({
  unreachable = 'nothing',
  build = 'cpu',
  version = pinnedTorch(root).split('==')[1],
} = {}) {
  const folder = temporary('python')
  for (const name of globSync('trainer/requirements*.txt', { cwd: root })) {
    cpSync(join(root, name), join(folder, name))
  }
  const log = join(folder, 'log')
  const base = join(folder, 'bin/python')
  program(base, `echo 3.12; echo "base $*" >>${log}`)
  program(
    join(folder, '.venv/bin/python'),
    `echo "$*" >>${log}; case "$*" in *metadata*) echo ${version}+${build} ;; *'${unreachable}'*) exit 1 ;; esac`,
  )
  stampPython(folder, 'runtime')
  const setUp = (level: Level, device?: 'cpu' | 'cuda') =>
    setUpPython({
      root: folder,
      level,
      env: { ...process.env, AZR_PYTHON: base },
      say: () => {},
      ...(device && { device }),
    })
  const asked = () => readFileSync(log, 'utf8').split('\n')
  const made = () => existsSync(log) && readFileSync(log, 'utf8').includes('-m venv --clear')
  return { folder, setUp, made, asked }
}

test.each([
  ['the tests', 'requirements-dev', 'dev', undefined],
  ['real language models', 'requirements-models', 'runtime', 'cpu'],
  ['CUDA', '!=', 'runtime', 'cuda'],
] as const)(
  'the environment survives a failed set-up for %s',
  async (_, unreachable, level, device) => {
    const { folder, setUp, made } = environment({ unreachable })
    await expect(setUp(level, device)).rejects.toThrow(/Cannot install/)
    expect(pythonIsFresh(folder, 'runtime')).toBe(false)
    await setUp('runtime')
    expect(pythonIsFresh(folder, 'runtime')).toBe(true)
    expect(pythonIsFresh(folder, 'dev')).toBe(false)
    expect(made()).toBe(false)
  },
)

const installs = (asked: string[], by: string) =>
  asked.filter(line => line.startsWith(`-m ${by}`) && line.includes('requirements'))

test('uv installs the requirements, or pip if uv cannot', async () => {
  const usual = environment()
  await usual.setUp('dev')
  expect(installs(usual.asked(), 'uv')).toHaveLength(1)
  expect(installs(usual.asked(), 'pip')).toEqual([])
  const without = environment({ unreachable: '-m uv' })
  await without.setUp('dev')
  expect(installs(without.asked(), 'pip')).toHaveLength(1)
  expect(pythonIsFresh(without.folder, 'dev')).toBe(true)
})

test.each(['cu130', 'cpu'])('an installed torch is kept, even for %s', async build => {
  const { setUp, asked } = environment({ build })
  await setUp('dev')
  expect(asked().filter(line => line.includes('+cpu'))).toEqual([])
})

test('if another torch is installed, the CPU build is requested', async () => {
  const { setUp, asked } = environment({ build: 'cpu', version: '1.0.0' })
  await setUp('dev')
  expect(installs(asked(), 'uv')[0]).toContain('+cpu')
})

test('an environment without a working pip is made again', async () => {
  const { setUp, made } = environment({ unreachable: '-V' })
  await setUp('dev')
  expect(made()).toBe(true)
})

test('an environment that could not be made counts as missing', async () => {
  const { folder, setUp } = environment({ unreachable: '-V' })
  program(join(folder, 'bin/python'), 'case "$*" in *--clear*) exit 1 ;; esac; echo 3.12')
  await expect(setUp('dev')).rejects.toThrow(/Cannot make the Python environment/)
  expect(pythonLevel(folder)).toBeUndefined()
})

test('a package whose installation was interrupted is installed again', async () => {
  const { folder, setUp } = environment()
  const packages = join(folder, '.venv/lib/python3.12/site-packages')
  for (const name of ['whole', 'torn'])
    mkdirSync(join(packages, `${name}-1.dist-info`), { recursive: true })
  writeFileSync(join(packages, 'whole-1.dist-info/INSTALLER'), 'pip')
  await setUp('dev')
  expect(existsSync(join(packages, 'whole-1.dist-info'))).toBe(true)
  expect(existsSync(join(packages, 'torn-1.dist-info'))).toBe(false)
})

test('offline, the set-up says so instead of looking for another build of torch', async () => {
  const { folder, setUp } = environment()
  const said = [
    "WARNING: Retrying after connection broken by 'NewConnectionError': /simple/torch/",
    'ERROR: Could not find a version that satisfies torch (from versions: none)',
    'ERROR: No matching distribution found for torch',
  ]
  const body = `case "$*" in *-V*) exit 0 ;; esac; echo "${said.join('\n')}"; exit 1`
  program(join(folder, '.venv/bin/python'), body)
  await expect(setUp('dev')).rejects.toThrow(/torch==.* as pip reaches no index.*offline/)
})
