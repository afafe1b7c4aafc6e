/**
 * Writes answers in the order of their lines, each as soon as all earlier ones are written. Holds a
 * limited number of answers that wait for an earlier one.
 */
import { once } from 'node:events'
import type { Writable } from 'node:stream'

export type InOrder = {
  put: (number: number, text: string) => void
  /** Resolves when there is room: the output is read, and not too many answers wait. */
  hasRoom: () => Promise<void>
}

export function createInOrder(output: Writable, maxWaiting: number): InOrder {
  const ready = new Map<number, string>()
  let next = 1
  let wake: (() => void) | null = null
  return {
    put(number, text) {
      ready.set(number, text)
      let together = ''
      for (let found = ready.get(next); found !== undefined; found = ready.get(++next)) {
        ready.delete(next)
        together += `${found}\n`
      }
      if (together === '') return
      output.write(together)
      wake?.()
    },
    async hasRoom() {
      while (ready.size >= maxWaiting) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      if (output.writableNeedDrain) await once(output, 'drain')
    },
  }
}
