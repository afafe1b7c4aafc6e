/** Runs that cannot be read, a line each: what is wrong, and what to do. */
import type { describeRuns } from '../../state/open.ts'
import { explain } from '../errors.ts'
import { plain } from './terminal.ts'

export const unreadLines = (unread: ReturnType<typeof describeRuns>['unread']): string[] =>
  unread.map(({ name, error }) => `run ${name}: ${plain(explain(error))}\n`)
