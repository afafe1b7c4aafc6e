/** Owns a run until it is killed: `node hold.ts HOME ROW|null`. */
import { openRun } from '../../state/open.ts'

const [home, row] = process.argv.slice(2) as [string, string]
await openRun(home, 'one', JSON.parse(row) ?? undefined)
console.log('held')
setInterval(() => {}, 1000)
