/** What SQLite says of a file that it cannot read or write, in words that say what to do. */

const check = 'it is damaged: `azr db check RUN` says where, --salvage DIR copies what can be read'
const reasons: Record<string, string> = {
  SQLITE_FULL: 'the disk is full: make room',
  SQLITE_IOERR_WRITE: 'the disk is full or gone: make room',
  SQLITE_IOERR_FSYNC: 'the disk is full or gone: make room',
  SQLITE_CORRUPT: check,
  SQLITE_NOTADB: check,
}

/** Null where the error is none of SQLite's that a user can do something about. */
export function damageOf(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== 'SqliteError') return null
  // Between threads an error keeps its name and its message only, so the code stands before that.
  const [, told = ''] = /^(SQLITE_\w+): /.exec(error.message) ?? []
  const code = (error as { code?: string }).code ?? told
  return reasons[code] ?? reasons[code.split('_', 2).join('_')] ?? null
}
