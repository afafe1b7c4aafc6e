/** The inspector. It writes the actors' messages and states to the `messages` table. */
import type { InspectionEvent } from 'xstate'
import type { Heard } from '../../domain/health/vitals.ts'
import type { Store } from '../../state/types.ts'
import type { Config } from '../config/config.ts'

export const actorNames = [
  'run',
  'proposer',
  'solver',
  'executor',
  'evaluator',
  'trainer',
  'engine',
] as const

type Machine = { value: unknown; context?: { deadlineMs?: number; stallMs?: number } }

/** A state's name with its substates: `refreshing.loading`. */
function stateName(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return ''
  const entries = Object.entries(value)
  if ('step' in value) return stateName((value as { step: unknown }).step)
  return entries.map(([name, inner]) => `${name}.${stateName(inner)}`).join(' ')
}

export type Trace = {
  inspect: (event: InspectionEvent) => void
  /** The state of each actor, and when it was entered, in ms since the epoch. */
  machines: Map<string, { state: string; sinceMs: number; deadlineMs: number }>
  /** The last message that each actor sent or received. */
  heard: Heard
}

export function createTrace(store: Store, config: Config): Trace {
  const machines: Trace['machines'] = new Map()
  const heard: Heard = {}
  const nameOf = (ref: { id: string; _parent?: unknown } | undefined) =>
    ref === undefined ? 'world' : ref._parent === undefined ? 'run' : ref.id
  const isActor = (name: string) => (actorNames as readonly string[]).includes(name)
  const deadlines: Record<string, number> = {
    run: config.deadlines.stallSeconds * 1000,
    trainer: config.deadlines.serviceSeconds * 1000,
    engine: config.deadlines.serviceSeconds * 1000,
  }
  const change = (name: string, { value }: Machine) => {
    const state = stateName(value)
    if (machines.get(name)?.state === state) return
    const sinceMs = Date.now()
    const deadlineMs = deadlines[name] ?? config.deadlines.itemSeconds * 1000
    machines.set(name, { state, sinceMs, deadlineMs })
    const row = { at_ms: sinceMs, sender: name, receiver: name, item_id: null }
    store.trace({ ...row, type: 'machine.changed', body: { state, deadlineMs } })
  }
  return {
    machines,
    heard,
    inspect(event) {
      const receiver = nameOf(event.actorRef as never)
      if (!isActor(receiver)) return
      if (event.type === '@xstate.snapshot') {
        if ('value' in event.snapshot) change(receiver, event.snapshot as never)
        return
      }
      if (event.type !== '@xstate.event') return
      const { type, ...body } = event.event as { type: string; order?: { id: string } }
      // Messages between an actor and its crew are left out; their results are sent to other
      // actors.
      if (type.startsWith('xstate.') || type.startsWith('work.')) return
      const sender = nameOf(event.sourceRef as never)
      const item_id = body.order?.id ?? null
      const at_ms = Date.now()
      for (const name of [sender, receiver]) if (isActor(name)) heard[name] = { type, at_ms }
      store.trace({
        at_ms,
        sender: isActor(sender) ? sender : 'world',
        receiver,
        type,
        item_id,
        // Details about an item are in the item's own rows.
        body: item_id === null ? body : null,
      })
    },
  }
}
