/**
 * Writes the pages of docs/ that are made from the code. `--check` writes nothing and
 * exits 1 if a page is stale.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../src/config/paths.ts'
import { apiPage } from './docs/api.ts'
import { cliPage } from './docs/cli.ts'
import { configPage } from './docs/config.ts'
import { metricsPage } from './docs/metrics.ts'
import { presetsPage } from './docs/presets.ts'
import { schemaPage } from './docs/schema.ts'
import { troubleshootingPage } from './docs/troubleshooting.ts'

const pages: Record<string, () => string | Promise<string>> = {
  'reference/api.md': apiPage,
  'reference/cli.md': cliPage,
  'reference/config.md': configPage,
  'reference/metrics.md': metricsPage,
  'reference/presets.md': presetsPage,
  'reference/schema.md': schemaPage,
  'how-to/troubleshooting.md': troubleshootingPage,
}
const isCheck = process.argv.includes('--check')
for (const [name, make] of Object.entries(pages)) {
  const path = join(root, 'docs', name)
  const text = await make()
  if (!isCheck) writeFileSync(path, text)
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    process.stderr.write(`docs/${name} is stale: node scripts/write-docs.ts\n`)
    process.exitCode = 1
  }
}
