/** What an advantage is made from, and what every algorithm is. */
import type { Statement } from '../credit.ts'
import type { AdvantageSettings } from '../settings.ts'
import type { Kind, Role } from '../task.ts'

export type Rewarded = {
  id: string
  kind: Kind
  role: Role
  /** Hash of the task answered; GRPO's group. Proposals have none. */
  task: string | null
  reward: number
  /** Completion tokens. */
  tokens: number
  /** Whether it was cut at its length. */
  isTruncated?: boolean
  /** Its working, behind the token that opens it; where that earns by itself. */
  working?: readonly Statement[]
}

export type Algorithm = {
  /** Names the group whose rewards make one baseline; null where there is no baseline. */
  groupOf: ((item: Rewarded) => string) | null
  /** Advantages of the items of one group, in their order. */
  advantagesOf: (group: readonly Rewarded[], settings: AdvantageSettings) => number[]
}

/** All sequences of one kind and role: the task of TRR++. */
export const taskGroup = ({ kind, role }: Pick<Rewarded, 'kind' | 'role'>) => `${kind}/${role}`
