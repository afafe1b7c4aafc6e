/**
 * Writes the pages of docs/reference that are made from the code. `--check` writes nothing and
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

const pages: Record<string, () => string | Promise<string>> = {
  'api.md': apiPage,
  'cli.md': cliPage,
  'config.md': configPage,
  'metrics.md': metricsPage,
  'presets.md': presetsPage,
  'schema.md': schemaPage,
}
const isCheck = process.argv.includes('--check')
for (const [name, make] of Object.entries(pages)) {
  const path = join(root, 'docs', 'reference', name)
  const text = await make()
  if (!isCheck) writeFileSync(path, text)
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    process.stderr.write(`docs/reference/${name} is stale: node scripts/write-docs.ts\n`)
    process.exitCode = 1
  }
}
