/**
 * The rows of a proof. Checks are carried out one after another, each with its figures, and with
 * what to do if it fails. A check is skipped if one that it needs has failed. This file knows no
 * particular check.
 */
import { explain } from '../../../domain/errors.ts'

export type Figures = Record<string, number | string>

export type Row = {
  name: string
  verdict: 'PASS' | 'FAIL' | 'SKIP'
  /** Why it failed or was skipped, or what was seen. */
  detail: string
  figures: Figures
  seconds: number
  /** The advice for the user; null unless it failed. */
  remedy: string | null
}

export type Found = { figures: Figures; detail?: string; passed?: boolean }

export type Check = {
  name: string
  /** Names of the checks that have to pass first. */
  needs: readonly string[]
  remedy: string
  /** Why the check does not apply to this preset or this machine. */
  unfit?: string | null
  run: () => Promise<Found>
}

async function rowOf(check: Check): Promise<Row> {
  const begun = performance.now()
  const row = (verdict: Row['verdict'], detail: string, figures: Figures = {}): Row => {
    const seconds = (performance.now() - begun) / 1000
    return { name: check.name, verdict, detail, figures, seconds, remedy: null }
  }
  if (check.unfit) return row('SKIP', check.unfit)
  try {
    const { figures, detail = '', passed = true } = await check.run()
    if (passed) return row('PASS', detail, figures)
    return { ...row('FAIL', detail, figures), remedy: check.remedy }
  } catch (error) {
    return { ...row('FAIL', explain(error)), remedy: check.remedy }
  }
}

/** `onBegin` gets the name of the next check, `onRow` the row of a finished one. */
export async function carryOut(
  checks: readonly Check[],
  { onBegin, onRow }: { onBegin: (name: string) => void; onRow: (row: Row) => void },
): Promise<Row[]> {
  const rows: Row[] = []
  for (const check of checks) {
    const lacking = check.needs.find(
      name => rows.find(row => row.name === name)?.verdict !== 'PASS',
    )
    onBegin(check.name)
    const unfit = check.unfit ?? (lacking === undefined ? null : `needs: ${lacking}`)
    const row = await rowOf({ ...check, unfit })
    rows.push(row)
    onRow(row)
  }
  return rows
}
