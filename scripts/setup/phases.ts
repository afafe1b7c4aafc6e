/** Records what the set-up did, and how long each part took. Independent parts run in parallel. */
import { Interrupted, signalPrograms } from '../../lib/programs.ts'

const spent: [name: string, seconds: number][] = []

export async function phase<Done>(name: string, work: Promise<Done>): Promise<Done> {
  const begun = performance.now()
  const done = await work
  spent.push([name, (performance.now() - begun) / 1000])
  return done
}

/** `npm packages 12.4 s, page 1.0 s`, in the order in which they ended. */
export const phasesTold = () =>
  spent.map(([name, seconds]) => `${name} ${seconds.toFixed(1)} s`).join(', ')

/** Rejects with the first failure, after stopping the others and waiting for their end. */
export async function sideBySide(...works: Promise<void>[]): Promise<void> {
  const failures: unknown[] = []
  const watched = works.map(work =>
    work.catch(error => {
      failures.push(error)
      if (!(error instanceof Interrupted)) signalPrograms('SIGTERM')
    }),
  )
  await Promise.all(watched)
  if (failures.length > 0) throw failures[0]
}
