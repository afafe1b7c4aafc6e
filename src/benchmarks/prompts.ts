/** What the prompts of the families have in common; each family's folder has its own. */

/** Goes up with every change of a prompt of a benchmark: stored with each evaluation. */
export const templateVersion = 1

export const codeWanted = 'Put all of the code, with its imports, in a fence tagged python.'
