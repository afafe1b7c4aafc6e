import { expect, test } from 'vitest'
import { inTurn } from '../../web/src/in-turn.ts'

test('calls during a request cause one more request, after it', async () => {
  const answers: (() => void)[] = []
  const ask = inTurn(() => new Promise(resolve => answers.push(resolve)))
  const answer = async () => {
    answers.at(-1)?.()
    await new Promise(resolve => setTimeout(resolve))
  }
  for (let pulse = 0; pulse < 5; pulse++) ask()
  expect(answers).toHaveLength(1)
  await answer()
  expect(answers).toHaveLength(2)
  await answer()
  expect(answers).toHaveLength(2)
  ask()
  expect(answers).toHaveLength(3)
})
