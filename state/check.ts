/**
 * Checks that a run's files hold what was committed: SQLite's own structure, the rows of finished
 * steps against their digests, checkpoints against what was saved. It only reads, also while the
 * run is going on.
 */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { openUnchanged } from './database.ts'
import { type Digest, digestOf } from './digest.ts'

/** `where` names a table with its step, a checkpoint, or the file. */
export type Finding = { where: string; what: string }
export type Checked = { steps: number; rows: number; checkpoints: number; findings: Finding[] }

const messageOf = (error: unknown) => (error as Error).message

/** Parses `Tree 7 page 31 cell 2: …`. The first number is the first page of a table or an index. */
function naming(client: Database.Database): (line: string) => Finding {
  const names = new Map<number, string>()
  try {
    const sql = 'select rootpage, tbl_name, name from sqlite_master'
    for (const row of client.prepare(sql).all() as Record<string, never>[]) {
      const { rootpage, tbl_name, name } = row as never
      names.set(rootpage, tbl_name === name ? name : `${tbl_name}, index ${name}`)
    }
  } catch {
    // Without these names the file is named instead.
  }
  return line => {
    const root = /^Tree (\d+)/.exec(line)?.[1]
    const missing = /(?:row|entries) .*index (\w+)/.exec(line)?.[1]
    return { where: names.get(Number(root)) ?? missing ?? 'run.db', what: line }
  }
}

function structure(client: Database.Database): Finding[] {
  try {
    const rows = client.pragma('integrity_check(50)') as { integrity_check: string }[]
    const lines = rows.flatMap(row => row.integrity_check.split('\n'))
    return lines.filter(line => line !== 'ok' && !line.startsWith('***')).map(naming(client))
  } catch (error) {
    return [{ where: 'run.db', what: messageOf(error) }]
  }
}

/**
 * Whether the database has a run. It is also false if that cannot be read: then no further check is
 * possible.
 */
function holdsRun(client: Database.Database): boolean {
  try {
    return client.prepare('select 1 from run').get() !== undefined
  } catch {
    return false
  }
}

/** Compares the rows of finished steps with their digests. */
function contents(client: Database.Database, checked: Checked): void {
  let digests: Digest[]
  try {
    digests = client.prepare('select * from digests order by step, table_name').all() as Digest[]
  } catch (error) {
    checked.findings.push({ where: 'digests', what: messageOf(error) })
    return
  }
  checked.steps = new Set(digests.map(({ step }) => step)).size
  for (const { step, table_name, rows, hash } of digests) {
    const where = `${table_name}, step ${step}`
    try {
      const found = digestOf(client, table_name, step)
      checked.rows += found.rows
      if (found.rows !== rows) {
        checked.findings.push({ where, what: `${found.rows} rows of ${rows}` })
      } else if (found.hash !== hash) {
        checked.findings.push({ where, what: 'rows differ from what was committed' })
      }
    } catch (error) {
      checked.findings.push({ where, what: messageOf(error) })
    }
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

type Saved = { files?: Record<string, { bytes: number; sha256: string }> }

/** Why a checkpoint's folder differs from what was saved; null if it does not. */
export async function checkpointFault(folder: string): Promise<string | null> {
  try {
    const meta = readFileSync(join(folder, 'checkpoint.json'), 'utf8')
    for (const [name, saved] of Object.entries((JSON.parse(meta) as Saved).files ?? {})) {
      const file = join(folder, name)
      if (!existsSync(file)) return `${name} is missing`
      if (statSync(file).size !== saved.bytes) {
        return `${name} has ${statSync(file).size} bytes of ${saved.bytes}`
      }
      if ((await sha256(file)) !== saved.sha256) return `${name} differs from what was saved`
    }
    return null
  } catch (error) {
    return messageOf(error)
  }
}

async function checkpoints(client: Database.Database, folder: string, checked: Checked) {
  let paths: string[]
  try {
    paths = client.prepare('select path from checkpoints order by step').pluck().all() as string[]
  } catch (error) {
    checked.findings.push({ where: 'checkpoints', what: messageOf(error) })
    return
  }
  // A pruned checkpoint has a row and no folder.
  for (const path of paths.filter(path => existsSync(join(folder, path)))) {
    const fault = await checkpointFault(join(folder, path))
    // It may have been pruned during the check.
    if (fault !== null && existsSync(join(folder, path))) {
      checked.findings.push({ where: path, what: fault })
    }
    checked.checkpoints += 1
  }
}

export async function checkRun(folder: string): Promise<Checked> {
  const checked: Checked = { steps: 0, rows: 0, checkpoints: 0, findings: [] }
  let client: Database.Database
  try {
    client = openUnchanged(join(folder, 'run.db'))
  } catch (error) {
    checked.findings.push({ where: 'run.db', what: messageOf(error) })
    return checked
  }
  try {
    checked.findings.push(...structure(client))
    if (!holdsRun(client)) {
      checked.findings.push({ where: 'run.db', what: 'it holds no run' })
      return checked
    }
    contents(client, checked)
    await checkpoints(client, folder, checked)
  } finally {
    client.close()
  }
  return checked
}
