/** Outgrown phrases, and what to write instead. docs/contributing/writing.md says why. */

export type Phrase = { pattern: RegExp; instead: string }

/** Anywhere in prose. */
export const phrases: Phrase[] = [
  { pattern: /\bha(?:s|ve) (?:its|their) way\b/i, instead: '"wins", or "takes precedence"' },
  { pattern: /\bthat were there before\b/i, instead: '"duplicates"' },
  { pattern: /\b(?:one|those|ones) of before\b/i, instead: '"old", or "stale"' },
  { pattern: /\bbeside (?!each)/i, instead: '"next to", "in addition to" or "compared with"' },
  { pattern: /\bends no (?:run|step|process)\b/i, instead: '"must not end the run"' },
  { pattern: /\bheed(?:s|ed)?\b/i, instead: '"reads", or "ignores"' },
  { pattern: /\bwherever (?:it|they) lies?\b/i, instead: '"whatever its folder"' },
  { pattern: /\bwhere (?:it|they|rows|files) lies?\b/i, instead: '"its path", or "its folder"' },
  { pattern: /\bnobody's (?:business|mistake|answer)\b/i, instead: '"is ignored", or the cause' },
  { pattern: /\bcom(?:es|e|ing) to nothing\b|\bcame to nothing\b/i, instead: '"fails"' },
  {
    pattern: /(?<!instead )\bof (?:ours|theirs|yours)\b/i,
    instead: '"our …", "their …", "your …"',
  },
  { pattern: /\bis told (?:of|apart)\b|\btells of\b/i, instead: '"reports", or "distinguishes"' },
  { pattern: /\bspeaks? of\b/i, instead: '"mentions", or "refers to"' },
  { pattern: /\bmelt into\b|\bleapt over\b|\bbabbles?\b/i, instead: 'the plain verb' },
  { pattern: /\bfor naught\b|\bhereby\b|\bthereof\b|\bwherein\b/i, instead: 'a plain word' },
  { pattern: /\bh[eo]ld(?:s|ing)? .{0,40}\bagainst\b/i, instead: '"compares … with"' },
  { pattern: /\banew\b/i, instead: '"again"' },
  { pattern: /\breckon/i, instead: '"computes", or "counts"' },
  { pattern: /\bst(?:ands?|anding|ood) still\b/i, instead: '"hangs", or "does not change"' },
  {
    pattern: /\bgo(?:es|ing)? on (?!a\b|disk|with the same)/i,
    instead: '"continues", or "resumes"',
  },
  { pattern: /\bby turns\b/i, instead: '"in turn", or "take turns"' },
  {
    pattern: /\b(?:it|that|this|which) is no (?!longer|more|such)/i,
    instead: '"is not a", or "is not an"',
  },
  { pattern: /\bwhat it is (?:at|asked|told)\b/i, instead: 'the noun' },
  { pattern: /\bNot here:/, instead: 'a sentence: "It does not …", or "… is in FILE"' },
]

/** Phrases that are faults only at the beginning of a comment. */
export const openings: Phrase[] = [
  {
    pattern: /^What\b(?![^.?!]*\?)/,
    instead: 'a verb or a noun: "Finds a free port.", "The variables that the child gets."',
  },
  { pattern: /^Of (?!course)/, instead: 'the subject: "The newest of …", "Bytes of one …"' },
  { pattern: /^As (?!root\b)[a-z]+ (?:as|it|they)\b/, instead: 'the subject and the verb' },
  { pattern: /^(?:Where|Whoever|Whichever)\b[^.?!]*,/, instead: '"If …", or the subject' },
]
