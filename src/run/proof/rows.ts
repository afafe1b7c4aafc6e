/**
 * The rows of a proof: checks that are carried out one after another, each with its figures, and with
 * what to do when it fails. A check whose ground has failed is skipped. It knows no check.
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
  /** Names of checks without which it says nothing. */
  needs: readonly string[]
  remedy: string
  /** Why it is not for this preset or this machine. */
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

/** `onBegin` names the check that is next, `onRow` gets it when it is over. */
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
