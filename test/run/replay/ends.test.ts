/** The ends of a run, at which all suites were scored, found from its rows. */
import { expect, test } from 'vitest'
import { createReplayStore } from '../../../state/replay.ts'
import { makeHome, unpack } from './stored.ts'

const home = makeHome()

async function endsOf(name: string, change: string) {
  const store = createReplayStore({ folder: unpack(home, name, change), given: [] })
  await store.close()
  return store.ends
}

test('a run that was extended before its end was scored there like between its ends', async () => {
  expect(await endsOf('whole', '')).toEqual([2])
  const begun = `update run_events set detail = '{"steps":1}' where event = 'started';
    insert into run_events (at_ms, process_pid, event, detail) values (0, 1, 'resumed', '{"steps":2}')`
  const also = (suite: string) => `insert into evaluations
    select '${suite}', 1, 1, kind, mode, items, correct, accuracy, samples, passed, scratched, cut, deviation
      from evaluations where step = 2 and suite = (select min(suite) from evaluations)`
  const named = `update run set config = json_set(config,
    '$.evaluate.suites', json('["one", "two"]'), '$.evaluate.between.suites', json('["one"]'))`
  const held = ['one', 'two'].map(
    suite => `insert into suite_items select '${suite}', kind, item, id, program, pairs, hash
      from suite_items where suite = (select min(suite) from suite_items)`,
  )
  const longer = [begun, named, ...held, also('one')]
  expect(await endsOf('longer', longer.join(';'))).toEqual([])
  expect(await endsOf('again', [...longer, also('two')].join(';'))).toEqual([1])
})
