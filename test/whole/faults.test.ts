import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isCpuTorch } from '../../src/learner/settings.ts'
import { temporary } from '../temporary.ts'
import { azr, start } from './azr.ts'
import { ownHome } from './home.ts'

const home = ownHome()
const lines = (text: string) => text.trim().split('\n')

describe('bad input: one line that says what to do, and exit code 2', () => {
  const folder = temporary('faults')
  const broken = join(folder, 'broken.yaml')
  writeFileSync(broken, 'steps: 3\nsolve: {batch: [\n')
  test.each([
    ['an unknown preset', ['train', 'mikro'], /did you mean micro\?/],
    ['an unknown knob', ['train', 'smoke', '--solve.bach=3'], /did you mean solve\.batch\?/],
    ['a value of the wrong type', ['train', 'smoke', '--steps=many'], /steps/],
    ['an unreadable YAML', ['train', broken], /broken\.yaml:\d+:\d+/],
    ['a file that is not there', ['train', './none.yaml'], /no such file/],
    [
      'a missing model',
      ['train', 'smoke', '--model.path=/nowhere'],
      /\/nowhere has no config\.json/,
    ],
    ['an unknown suite', ['train', 'smoke', '--evaluate.suites=[nope]'], /there are .*micro-easy/],
    ['an unknown run', ['resume', 'nobody'], /Cannot find run nobody/],
    ['a name that cannot be', ['train', 'smoke', '--run', '../up'], /Cannot name a run/],
    ['a run that exists', ['train', 'smoke', '--run', 'reference'], /azr resume reference/],
    ['an unknown command', ['trian'], /did you mean train\?/],
    ['an unknown flag', ['train', '--rnu', 'x'], /did you mean run\?/],
    ['a command to nobody', ['stop', 'reference'], /no process works on it/],
  ])('%s', async (_, args, message) => {
    const { code, err, out } = await azr(args, { home })
    expect(err).toMatch(message)
    expect(lines(err)).toHaveLength(1)
    expect(code).toBe(2)
    expect(out).toBe('')
  })
})

describe('the world', () => {
  test.skipIf(!isCpuTorch())('a GPU is refused if torch is built for CPUs', async () => {
    const { code, err } = await azr(['train', 'smoke', '--trainer.device=cuda'], { home })
    expect(err).toMatch(/torch .* for CPUs: `azr setup trainer --device cuda`/)
    expect(code).toBe(2)
  })

  test('a busy port is refused before anything starts', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const { code, err } = await azr(['train', 'smoke', '--port', String(port)], { home })
    server.close()
    expect(err).toMatch(new RegExp(`port ${port} as another program uses it.*--port`))
    expect(code).toBe(2)
  })

  test('a run that another process owns is refused with its pid', async () => {
    const owner = start(['train', 'smoke', '--run', 'owned', '--steps', '50'], { home })
    await owner.says(/seeding/)
    const { code, err } = await azr(['resume', 'owned'], { home })
    expect(err).toContain(`process ${owner.pid}`)
    expect(code).toBe(1)
    const removal = await azr(['runs', 'rm', 'owned'], { home })
    expect(removal.code).toBe(2)
    owner.child.kill('SIGINT')
    expect((await owner.ended).code).toBe(130)
  })

  test.skipIf(process.getuid?.() === 0)('a folder that cannot be written to', async () => {
    const locked = temporary('locked')
    chmodSync(locked, 0o500)
    const { code, err } = await azr(['train', 'smoke'], { home: join(locked, 'runs') })
    expect(err).toMatch(/Cannot write to .*--home DIR/)
    expect(code).toBe(1)
  })

  test('a file system that cannot be written to, root or not', async () => {
    const { code, err } = await azr(['train', 'smoke'], { home: '/sys/azr-runs' })
    expect(err).toMatch(/Cannot write to \/sys\/azr-runs.*--home DIR/)
    expect(lines(err)).toHaveLength(1)
    expect(code).toBe(1)
  })

  test('a home that is a file', async () => {
    const file = join(temporary('file'), 'runs')
    writeFileSync(file, '')
    const { code, err } = await azr(['train', 'smoke'], { home: file })
    expect(err).toMatch(/Cannot write to .*--home DIR/)
    expect(code).toBe(1)
  })

  test('a model with damaged weights ends the run with the reason, and leaves nothing behind', async () => {
    const model = temporary('model')
    mkdirSync(model, { recursive: true })
    cpSync('models/micro', model, { recursive: true })
    writeFileSync(join(model, 'model.safetensors'), 'junk')
    const knobs = [`--model.path=${model}`, '--restarts=0']
    const run = start(['train', 'smoke', '--run', 'junk', '--no-serve', ...knobs], { home })
    const { code, err } = await run.ended
    expect(code).toBe(1)
    expect(err).toMatch(/engine|learner/)
    expect(err).toContain('azr resume junk')
  })
})
