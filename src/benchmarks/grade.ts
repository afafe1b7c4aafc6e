/** What a grader says of one answer. No behaviour. */

export type GradeVerdict = 'correct' | 'wrong' | 'malformed' | 'ungraded'

export type Grade = {
  verdict: GradeVerdict
  /** What was taken from the completion. */
  extracted: string | null
  /** Why, in a few words, where it is not plainly right. */
  detail: string | null
  /** What the paper's own pipeline says, where it differs in its rules: mathematics. */
  paperVerdict?: GradeVerdict
}

export const malformed = (detail: string, extracted: string | null = null): Grade => {
  return { verdict: 'malformed', extracted, detail }
}
