/** The title of each view, for the browser's tab, history and bookmarks. */
import { effect } from '@preact/signals'
import { here, type Place, runs } from './state.ts'

export const names: Record<Place['panel'], string> = {
  overview: 'Overview',
  learning: 'Learning',
  frontier: 'Frontier',
  behaviour: 'Behaviour',
  tasks: 'Tasks and rollouts',
  health: 'Health',
  config: 'Config',
  fork: 'Fork',
  resume: 'Resume',
  runs: 'Runs',
  compare: 'Compare',
  new: 'New run',
}

export function titleOf({ panel, run, query }: Place): string {
  const { task, rollout, beside, list } = query
  const inTasks = task
    ? `Task ${task.slice(0, 40)}`
    : rollout
      ? beside
        ? 'Two answers'
        : `Rollout ${rollout.slice(0, 60)}`
      : list === 'rollouts'
        ? 'Rollouts'
        : 'Tasks'
  const at = query.at ? ` at step ${query.at}` : ''
  const title = runs.value?.find(({ id }) => id === run)?.labels.title ?? run
  const name = panel === 'tasks' ? inTasks : names[panel]
  return [`${name}${at}`, title, 'azr'].filter(Boolean).join(' · ')
}

effect(() => {
  document.title = titleOf(here.value)
})
