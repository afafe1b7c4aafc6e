import { expect, test } from 'vitest'
import { builtInKinds } from '../../domain/kinds/index.ts'
import { dialectOf } from '../../domain/prompts/index.ts'
import { execution, readExecution } from '../../src/benchmarks/livecodebench/execution.ts'
import { configSchema } from '../../src/config/config.ts'

const line = (over: object = {}) =>
  JSON.stringify({
    id: 'sample_0',
    function_name: 'countDown',
    code: 'def countDown(n, s=1):\n    return [] if n < 1 else [n] + countDown(n - s, s)',
    input: 'countDown(n = 3, s=2)',
    output: '[3, 1]',
    numsteps: 3,
    ...over,
  })

test('its function becomes f, and its call becomes the arguments of f', () => {
  expect(readExecution(line())).toEqual({
    id: 'sample_0',
    code: 'def f(n, s=1):\n    return [] if n < 1 else [n] + f(n - s, s)',
    input: 'n = 3, s=2',
    output: '[3, 1]',
  })
  expect(() => readExecution(line({ input: '3' }))).toThrow('it is not a call of a function')
})

test('asks for what a call gives, with the program and its input', () => {
  const item = readExecution(line())
  const prompt = execution.prompt(item, dialectOf(configSchema.parse({}), builtInKinds.all))
  expect(prompt).toContain('n = 3, s=2')
  expect(prompt).toContain('def f(n, s=1):')
  expect(prompt).not.toContain('[3, 1]')
})
