/** A run that has begun is in its database file, even if the write-ahead log is lost. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { configSchema } from '../../src/config/config.ts'
import { openRun } from '../../state/open.ts'
import { temporary } from '../temporary.ts'

/**
 * Opens the file as soon as it exists, and keeps it open: the last connection to close would write
 * the log back.
 */
const reader = `
const { existsSync } = require('node:fs')
const { parentPort, workerData: { path, module } } = require('node:worker_threads')
const Database = require(module)
while (!existsSync(path)) {}
const client = new Database(path, { readonly: true, timeout: 5000 })
client.prepare('select count(*) from sqlite_master').get()
parentPort.postMessage('open')
setInterval(() => client, 1000)
`

const config = configSchema.parse({})
const base = { name: 'one', preset: 'micro', seed: 1, config, versions: {}, lineage: null }
const row = { ...base, created_at_ms: 0 }

test('also while another process reads', async () => {
  const home = temporary('begun')
  const path = join(home, 'one', 'run.db')
  const module = join(process.cwd(), 'node_modules', 'better-sqlite3')
  const worker = new Worker(reader, { eval: true, workerData: { path, module } })
  onTestFinished(async () => void (await worker.terminate()))
  const isOpen = new Promise(resolve => worker.once('message', resolve))
  await new Promise(resolve => worker.once('online', resolve))
  const { release } = await openRun(home, 'one', row)
  const alone = join(home, 'alone.db')
  copyFileSync(path, alone)
  const client = new Database(alone, { readonly: true })
  expect(client.prepare('select name from run').pluck().all()).toEqual(['one'])
  client.close()
  await Promise.all([release(), isOpen])
})
