/** Eight kinds of hang: how each is caused, what has to be reported, and how soon. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { childrenOf } from '../whole/azr.ts'

export type Place = {
  home: string
  /** The pid of the run's process. */
  pid: number
  /** Creating this file begins an injected hang. */
  now: string
  database: string
}

export type Scenario = {
  name: string
  about: string
  /** The hang of inject.ts. */
  hang?: string
  knobs?: string[]
  needs?: 'compiler'
  /** Begins the hang. Returns a function that ends it. */
  begin: (place: Place) => () => void
  says: RegExp
  withinSeconds: number
}

/** Delays by design: a pulse, a poll of the page, a poll of `azr tail`. */
const slack = 5
/** A lost answer is only missed when something waits for it, which may take a long step. */
const stepSeconds = 90

const begin = ({ now }: Place) => {
  writeFileSync(now, '')
  return () => {}
}
const slowDisk = (ms: number) => (place: Place) => {
  writeFileSync(join(place.home, 'slow'), String(ms))
  return () => writeFileSync(join(place.home, 'slow'), '0')
}
/** All processes of a role: a rarely asked one would not be missed. */
const suspend = (pattern: RegExp) => (place: Place) => {
  const pids = childrenOf(place.pid, pattern)
  if (pids.length === 0) throw new Error(`Cannot suspend ${pattern}: there is no such child`)
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  return () => {
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGCONT')
      } catch {
        // It was replaced meanwhile.
      }
    }
  }
}
/** Like a tool that someone left open: it locks the database. */
function holdLock({ database }: Place) {
  const client = new Database(database)
  client.exec('begin immediate')
  return () => client.close()
}

export const scenarios: Scenario[] = [
  {
    name: 'engine',
    about: 'the engine says nothing',
    hang: 'engine',
    begin,
    knobs: ['--deadlines.tokenSeconds=10'],
    says: /engine .*hangs: no token in 1\d s with \d+ requests? open/,
    withinSeconds: 10,
  },
  {
    name: 'learner',
    about: 'the learner says nothing',
    hang: 'learner',
    begin,
    knobs: ['--deadlines.serviceSeconds=40'],
    says: /trainer is working.*look at the learner process/,
    withinSeconds: 40,
  },
  {
    name: 'sandbox',
    about: 'a worker of the sandbox is stuck',
    begin: suspend(/azr_sandbox server/),
    says: /sandbox \(process \d+.*is suspended/,
    withinSeconds: 0,
  },
  {
    name: 'writer',
    about: 'the writer is blocked',
    needs: 'compiler',
    begin: slowDisk(600_000),
    says: /nothing was written for \d+ s.*the writer waits/,
    withinSeconds: 30,
  },
  {
    name: 'lock',
    about: 'another process holds run.db',
    begin: holdLock,
    says: /run\.db.*(locked|held)|another process (that )?holds run\.db/,
    withinSeconds: 35,
  },
  {
    name: 'message',
    about: 'a message between actors is lost',
    hang: 'message',
    begin,
    knobs: ['--deadlines.stallSeconds=40'],
    says: /run is updating.*may be lost/,
    withinSeconds: 40,
  },
  {
    name: 'queue',
    about: 'a queue is full and does not move',
    hang: 'executions',
    begin,
    knobs: ['--deadlines.itemSeconds=30', '--sandbox.concurrency=2'],
    says: /queue of executions is full and does not move/,
    withinSeconds: 30,
  },
  {
    name: 'disk',
    about: 'the disk is slow',
    needs: 'compiler',
    begin: slowDisk(150),
    says: /a transaction takes \d+ s and \d+ rows wait: the disk is slow/,
    withinSeconds: 30,
  },
  {
    name: 'child',
    about: 'a child is suspended',
    begin: suspend(/azr_trainer/),
    says: /learner \(process \d+\) is suspended: .*kill -CONT/,
    withinSeconds: 0,
  },
].map(one => {
  const untilMissed = 'hang' in one && one.hang ? stepSeconds : 0
  return { ...one, withinSeconds: one.withinSeconds + slack + untilMissed } as Scenario
})
