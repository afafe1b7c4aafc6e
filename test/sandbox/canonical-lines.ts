/** For sandbox/tests: reads display texts as JSON lines, and prints canonical texts. */
import { createInterface } from 'node:readline'
import { canonicalOf } from '../../domain/canonical/index.ts'

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(canonicalOf(JSON.parse(line)))}\n`)
}
