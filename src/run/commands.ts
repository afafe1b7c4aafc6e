/** What other processes ask of a run: rows of `commands`, looked for now and then. */
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
      // The store's death is noticed by `store.gone`.
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
