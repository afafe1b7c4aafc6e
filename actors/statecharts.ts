/** Describes the actors' machines as data, for drawing them. It reads the machines themselves. */
import { children } from './children.ts'
import { runMachine } from './run.ts'

export type ChartState = { id: string; to: { event: string; target: string }[] }
export type Chart = { actor: string; states: ChartState[] }

/** The fields of an XState node that are read. */
type Node = {
  path: string[]
  type: string
  states: Record<string, Node>
  transitions: Map<string, { target?: readonly { path: string[] }[] }[]>
  always?: { target?: readonly { path: string[] }[] }[]
  initial?: { target?: readonly { path: string[] }[] }
}

/** Names an event by its meaning: `xstate.done.actor.planStep` becomes `planStep done`. */
function eventName(type: string): string {
  const [, how, , source] = /^xstate\.(done|error|after)\.(actor|state)?\.?(.*)$/.exec(type) ?? []
  if (how === undefined) return type
  if (how === 'after') return `after ${source?.split('.')[0]}`
  return `${source?.replace(/^(\d+\.|\*).*/, 'work')} ${how === 'done' ? 'done' : 'failed'}`
}

function statesOf(node: Node, place: (path: string[]) => string): ChartState[] {
  const to = [...node.transitions].flatMap(([type, transitions]) =>
    transitions.flatMap(({ target }) =>
      (target ?? []).map(({ path }) => ({ event: eventName(type), target: place(path) })),
    ),
  )
  const always = (node.always ?? []).flatMap(({ target }) =>
    (target ?? []).map(({ path }) => ({ event: '', target: place(path) })),
  )
  const inner = Object.values(node.states).flatMap(state => statesOf(state, place))
  if (node.path.length > 0) return [{ id: place(node.path), to: [...always, ...to] }, ...inner]
  // Transitions of all states are drawn once, at the state where the machine waits.
  const [first, ...rest] = inner
  return first ? [{ ...first, to: [...to, ...first.to] }, ...rest] : []
}

/** The run's two regions are drawn as one, without the region's name, as in the trace. */
const placeInRun = (path: string[]) => path.slice(1).join('.') || path.join('.')

export function statecharts(): Chart[] {
  const chart = (actor: string, machine: unknown, place: (path: string[]) => string): Chart => {
    const { root } = machine as { root: Node }
    const regions = ['step', 'watch']
    return { actor, states: statesOf(root, place).filter(({ id }) => !regions.includes(id)) }
  }
  return [
    chart('run', runMachine, placeInRun),
    ...Object.entries(children).map(([actor, machine]) =>
      chart(actor, machine, path => path.join('.')),
    ),
  ]
}
