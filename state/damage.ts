/** Explains SQLite's errors about damaged or unwritable files, and says what to do. */

const check =
  'it is damaged: `azr db check RUN` shows where, --salvage DIR copies the readable rows'
const reasons: Record<string, string> = {
  SQLITE_FULL: 'the disk is full: free some space',
  SQLITE_IOERR_WRITE: 'the disk is full or gone: free some space',
  SQLITE_IOERR_FSYNC: 'the disk is full or gone: free some space',
  SQLITE_CORRUPT: check,
  SQLITE_NOTADB: check,
}

/** Null if it is not an SQLite error that a user can act on. */
export function damageOf(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== 'SqliteError') return null
  // Threads pass on only an error's name and message, so the message begins with SQLite's code.
  const [, told = ''] = /^(SQLITE_\w+): /.exec(error.message) ?? []
  const code = (error as { code?: string }).code ?? told
  return reasons[code] ?? reasons[code.split('_', 2).join('_')] ?? null
}
