/** Why errors of one group occur, and what to do: files and the database. */

export const title = 'Files and the database'

export const codes = {
  'home-unwritable': {
    why: 'azr cannot write to the home folder: it is a file, read-only, or the disk is full.',
    remedy: 'Free some space, make the folder writable, or choose another with `--home DIR`.',
  },
  'node-too-old': {
    why: 'The database needs a newer version of Node.',
    remedy: 'Start azr through `scripts/azr`, which brings its own Node.',
  },
  'run-damaged': {
    why: "The run's database is incomplete or damaged.",
    remedy: 'Run `azr db check RUN`. Recover rows with `azr db check RUN --salvage DIR`.',
  },
  'schema-newer': {
    why: 'A newer version of azr wrote this database.',
    remedy: 'Use that version, or begin a new run.',
  },
  'store-failed': {
    why: 'The database refused a write, for example because the disk is full.',
    remedy: 'Free some space, then `azr resume RUN`. Run `azr db check RUN` if it happens again.',
  },
  'worker-gone': {
    why: 'The thread that reads or writes the database ended.',
    remedy:
      'Resume the run. If it happens again, check the memory of the machine and report the message.',
  },
}
