/** The type of a grader's verdict on one answer. No behaviour. */

export type GradeVerdict = 'correct' | 'wrong' | 'malformed' | 'ungraded'

export type Grade = {
  verdict: GradeVerdict
  /** The text that was taken from the completion. */
  extracted: string | null
  /** The reason in a few words, unless the answer is plainly right. */
  detail: string | null
  /** The verdict of the paper's own pipeline, if its rules differ: mathematics. */
  paperVerdict?: GradeVerdict
}

export const malformed = (detail: string, extracted: string | null = null): Grade => {
  return { verdict: 'malformed', extracted, detail }
}
