/** `node scripts/compare-runs.ts RUN_FOLDER RUN_FOLDER` exits 1 if the facts of the runs differ. */
import { compareRuns } from '../state/compare.ts'

const [a, b] = process.argv.slice(2)
if (!a || !b) {
  process.stderr.write('usage: node scripts/compare-runs.ts FOLDER FOLDER\n')
  process.exit(2)
}
const differences = compareRuns(a, b)
for (const { table, rows, first } of differences) {
  process.stdout.write(`${table}: ${rows.join(' and ')} rows\n  ${first?.join('\n  ')}\n`)
}
if (differences.length === 0) process.stdout.write('the same facts in every table\n')
process.exitCode = differences.length > 0 ? 1 : 0
