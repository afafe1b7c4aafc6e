/** Polls the table `commands` for requests from other processes. */
import type { Store } from '../../state/types.ts'

const pollMs = 250

type Verbs = Record<'pause' | 'resume' | 'stop', () => void>

/** Carries out commands from other processes. Ignores commands from before it started. */
export function pollCommands(store: Store, verbs: Verbs): () => void {
  let seen: number | null = null
  let timer: NodeJS.Timeout | null = null
  let isOver = false
  const poll = async () => {
    if (seen === null) seen = await store.read.lastCommand()
    for (const { seq, command } of await store.read.commandsAfter(seen)) {
      seen = seq
      const act: (() => void) | undefined = verbs[command as keyof Verbs]
      await store.event(command in verbs ? `command.${command}` : 'command.unknown', {
        seq,
        command,
      })
      act?.()
    }
  }
  const tick = () => {
    poll()
      // The death of the store is noticed by `store.gone`.
      .catch(() => {})
      .finally(() => {
        if (!isOver) timer = setTimeout(tick, pollMs)
      })
  }
  tick()
  return () => {
    isOver = true
    if (timer) clearTimeout(timer)
  }
}
