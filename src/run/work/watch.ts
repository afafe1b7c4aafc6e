/** Checks a run's curves after each step, raises alarms, and does what health.onCollapse says. */
import type { Closed } from '../../../actors/run-context.ts'
import type { Reading, Store } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'

export type Watch = (step: number) => Promise<Closed>

export const goOn: Closed = { next: 'goOn', why: '' }

/** Each alarm is raised once in a process: whoever resumes a run has seen it. */
export function createWatch(
  store: Pick<Store, 'event'> & Reading<'alarms'>,
  { health }: Config,
  tell: (line: string) => void,
): Watch {
  const told = new Set<string>()
  return async step => {
    const fresh = (await store.read.alarms(step)).filter(({ name }) => !told.has(name))
    for (const { name, level, message, step: since, advice } of fresh) {
      told.add(name)
      tell(`alarm: ${name} since step ${since}: ${message}. ${advice}`)
      await store.event('health.alarm', { step, name, level, message })
    }
    const collapse = fresh.find(({ level }) => level === 'collapse')
    const next = health.onCollapse
    if (!collapse || next === 'warn') return goOn
    const why = `${collapse.name} since step ${collapse.step}: ${collapse.message}`
    if (next === 'pause') {
      await store.event('command.pause', { by: 'health', why })
      tell('paused because of that (health.onCollapse): `azr resume` continues it')
    }
    return { next, why }
  }
}
