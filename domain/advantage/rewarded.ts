/** The types of an algorithm's input and of an algorithm. */
import type { Statement } from '../credit.ts'
import type { AdvantageSettings } from '../settings.ts'
import type { Kind, Role } from '../task.ts'

export type Rewarded = {
  id: string
  kind: Kind
  role: Role
  /** Hash of the answered task, which is GRPO's group. Proposals have none. */
  task: string | null
  reward: number
  /** Completion tokens. */
  tokens: number
  /** Whether the completion was cut at its maximum length. */
  isTruncated?: boolean
  /** The statements of its working, if they are rewarded separately (`advantage.working`). */
  working?: readonly Statement[]
}

export type Algorithm = {
  /** Names the group of items that share a baseline; null if there is no baseline. */
  groupOf: ((item: Rewarded) => string) | null
  /** Advantages of one group's items, in their order. */
  advantagesOf: (group: readonly Rewarded[], settings: AdvantageSettings) => number[]
}

/** All sequences of one kind and role, which TRR++ calls a task. */
export const taskGroup = ({ kind, role }: Pick<Rewarded, 'kind' | 'role'>) => `${kind}/${role}`
