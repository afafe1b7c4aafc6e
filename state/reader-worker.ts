/** The reader's thread: a read-only connection, so that no query delays an actor. */
import { parentPort, workerData } from 'node:worker_threads'
import { expose } from 'comlink'
import { openForReading } from './database.ts'
import { portEndpoint } from './endpoint.ts'
import { createReader } from './reader.ts'

const { db } = openForReading((workerData as { path: string }).path)

if (parentPort) expose(createReader(db), portEndpoint(parentPort))
