/** Reads the functions of the user's own code, and which tasks were made of them. */
import type { Db } from './database.ts'
import { and, asc, eq, inArray, lte } from './drizzle.ts'
import { inParts } from './parts.ts'
import { type Row, tables } from './schema/index.ts'

const { corpus_programs: corpus, task_references: references, tasks } = tables

export const corpusReads = (db: Db) => ({
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
      .innerJoin(references, eq(references.reference_hash, corpus.hash))
      .innerJoin(tasks, eq(tasks.id, references.task_id))
      .where(
        and(eq(corpus.folder, folder), eq(tasks.verdict, 'accepted'), lte(tasks.step, lastStep)),
      )
      .all()
      .map(({ hash }) => hash as string),
})
