import { expect, test } from 'vitest'
import type { Alarm } from '../../../domain/health/health.ts'
import { configSchema } from '../../../src/config/config.ts'
import { createWatch } from '../../../src/run/work/watch.ts'

const collapse: Alarm = {
  name: 'entropy collapses',
  level: 'collapse',
  step: 4,
  message: 'entropy fell',
  advice: 'lower the rate',
}

function watching(onCollapse: 'warn' | 'pause' | 'stop', alarms: Alarm[]) {
  const events: string[] = []
  const lines: string[] = []
  const store = {
    event: async (event: string) => void events.push(event),
    read: { alarms: async () => alarms },
  }
  const watch = createWatch(store, configSchema.parse({ health: { onCollapse } }), line =>
    lines.push(line),
  )
  return { watch, events, lines }
}

test.each(['pause', 'stop'] as const)('a collapse leads to %s, once', async onCollapse => {
  const { watch, events, lines } = watching(onCollapse, [collapse])
  expect(await watch(4)).toMatchObject({
    next: onCollapse,
    why: expect.stringContaining('since step 4'),
  })
  expect(events[0]).toBe('health.alarm')
  expect((await watch(5)).next).toBe('goOn')
  expect(lines[0]).toBe('alarm: entropy collapses since step 4: entropy fell. lower the rate')
  expect(lines).toHaveLength(onCollapse === 'pause' ? 2 : 1)
})

test('it is only reported if the config says so, and a warning always is', async () => {
  expect((await watching('warn', [collapse]).watch(4)).next).toBe('goOn')
  const { watch, events } = watching('stop', [{ ...collapse, level: 'warning' }])
  expect((await watch(4)).next).toBe('goOn')
  expect(events).toEqual(['health.alarm'])
})
