/** The tutorial, command by command, from its Markdown. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { newReader } from '../docs/run-page.ts'

vi.setConfig({ testTimeout: 600_000 })

const reader = newReader('tutorial')
const follow = (chapter: string) => reader.follow(`docs/tutorial/${chapter}.md`)

/** Replaces `azr data fetch humanevalplus`: our own problem under the page's id. */
function putBenchmark(): void {
  const item = {
    id: 'HumanEval/0',
    prompt: 'def has_close_elements(numbers, threshold):\n    """ Whether two are closer. """\n',
    entry_point: 'has_close_elements',
    canonical_solution:
      '    n = sorted(numbers)\n    return any(b - a < threshold for a, b in zip(n, n[1:]))\n',
    base_input: [
      [[1, 5, 2], 2],
      [[1, 5], 2],
    ],
    plus_input: [[[1, 8, 9], 2]],
    atol: 0,
    contract: '',
  }
  const folder = join(reader.folder, 'runs', 'data', 'humanevalplus')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'humanevalplus.jsonl'), `${JSON.stringify(item)}\n`)
}

test('the tutorial can be followed word by word', () => {
  const [trained = '', rows = ''] = follow('first-run')
  expect(trained).toMatch(/step 8\/8 .*valid .*learnable .*solved/)
  expect(trained).toContain('held out, 95% intervals')
  expect(trained).toContain('After 8 steps in')
  expect(rows.split('\n').length).toBeGreaterThan(8)

  const [frontier = '', tree = '', refusals = ''] = follow('read-a-task')
  expect(frontier).toContain('def f(')
  expect(tree).toContain('rollout')
  expect(refusals).toMatch(/raised|rejected|Error|few/)

  const [, compared = '', itself = ''] = follow('compare')
  expect(compared).toMatch(/micro-easy .*greedy/)
  expect(itself).toMatch(/micro-easy .*greedy/)

  const [forked = '', both = '', rescored = '', list = ''] = follow('fork')
  expect(forked).toMatch(/step 8\/8/)
  expect(forked).not.toMatch(/step 4\/8/)
  expect(both).toMatch(/micro-easy .*greedy/)
  expect(rescored).toMatch(/proposer +deduction +\d+ +[1-9]/)
  for (const run of ['first', 'faster', 'rescued']) expect(list).toContain(run)

  putBenchmark()
  const score = follow('score')
  expect(score[0]).toContain('humanevalplus')
  expect(score[2]).toContain('1 correct, 1 wrong')
  expect(score[3]?.trim().split('\n')).toHaveLength(2)
})
