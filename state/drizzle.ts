/**
 * Re-exports Drizzle's CommonJS build. Its package.json has 180 kB, which Node parses again for
 * each of a hundred ES modules. That took half a second of every thread's start.
 */
import { createRequire } from 'node:module'

export type { SQL } from 'drizzle-orm'
export type { SQLiteColumn } from 'drizzle-orm/sqlite-core'

const require = createRequire(import.meta.url)

const orm = require('drizzle-orm') as typeof import('drizzle-orm')
export const { and, asc, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, lte, ne, or, sql } = orm
export const { getTableColumns, getTableName } = orm

const core = require('drizzle-orm/sqlite-core') as typeof import('drizzle-orm/sqlite-core')
export const { blob, check, customType, index, integer, primaryKey, real, sqliteTable } = core
export const { getTableConfig, text } = core

export const { drizzle } =
  require('drizzle-orm/better-sqlite3') as typeof import('drizzle-orm/better-sqlite3')
export const { migrate } =
  require('drizzle-orm/better-sqlite3/migrator') as typeof import('drizzle-orm/better-sqlite3/migrator')
