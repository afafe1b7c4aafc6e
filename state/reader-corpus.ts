/** Reads the functions of the user's own code, and which tasks were made of them. */
import { type CorpusCounts, corpusRead } from '../domain/corpus.ts'
import type { Db } from './database.ts'
import { and, asc, desc, eq, inArray, lte, sql } from './drizzle.ts'
import { inParts } from './parts.ts'
import { type Row, tables } from './schema/index.ts'

const { corpus_programs: corpus, run, run_events: events, task_references, tasks } = tables

/** The counts of the config's folder, when it was read; null without one. */
export function corpusCounts(db: Db): CorpusCounts | null {
  const config = db.select({ config: run.config }).from(run).get()?.config
  const folder = (config as { propose?: { corpus?: string | null } } | undefined)?.propose?.corpus
  const isOfIt = sql`json_extract(${events.detail}, '$.folder') = ${folder ?? null}`
  const found = db
    .select({ detail: events.detail })
    .from(events)
    .where(and(eq(events.event, corpusRead), isOfIt))
    .orderBy(desc(events.seq))
    .limit(1)
    .get()
  return (found?.detail as CorpusCounts | undefined) ?? null
}

export const corpusReads = (db: Db) => ({
  corpusCounts: () => corpusCounts(db),

  /** Hashes of the functions that were read in a folder, in order. */
  corpus: (folder: string): string[] =>
    db
      .select({ hash: corpus.hash })
      .from(corpus)
      .where(eq(corpus.folder, folder))
      .orderBy(asc(corpus.position))
      .all()
      .map(({ hash }) => hash),

  corpusByHash: (hashes: string[]): Row<'corpus_programs'>[] =>
    inParts(hashes).flatMap(some =>
      db.select().from(corpus).where(inArray(corpus.hash, some)).all(),
    ),

  /** Hashes of accepted tasks up to a step whose program is a function of that folder. */
  grounded: (folder: string, lastStep: number): string[] =>
    db
      .selectDistinct({ hash: tasks.hash })
      .from(corpus)
      .innerJoin(task_references, eq(task_references.reference_hash, corpus.hash))
      .innerJoin(tasks, eq(tasks.id, task_references.task_id))
      .where(
        and(eq(corpus.folder, folder), eq(tasks.verdict, 'accepted'), lte(tasks.step, lastStep)),
      )
      .all()
      .map(({ hash }) => hash as string),
})
