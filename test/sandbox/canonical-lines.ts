/** For sandbox/tests: display texts in, as JSON lines; canonical texts out. */
import { createInterface } from 'node:readline'
import { canonicalOf } from '../../domain/canonical/index.ts'

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(canonicalOf(JSON.parse(line)))}\n`)
}
