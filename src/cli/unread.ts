/** Lines about runs that cannot be read: what is wrong, and what to do. */

import { explain } from '../../domain/errors.ts'
import { oneLine } from '../../lib/terminal.ts'
import type { describeRuns } from '../../state/open.ts'

export const unreadLines = (unread: ReturnType<typeof describeRuns>['unread']): string[] =>
  unread.map(({ name, error }) => `run ${name}: ${oneLine(explain(error))}\n`)
