/**
 * What a person decides about a cell, kept as the cell's tags, which the command line reads as well.
 *
 *   decided(['slow'], 'result')             ->  ['slow', 'result']
 *   decided(['slow', 'result'], 'drop')     ->  ['slow', 'drop']
 *   decided(['slow', 'result'], null)       ->  ['slow']
 */

export type Decision = 'keep' | 'drop' | 'parameters' | 'result';

export const DECISIONS: Decision[] = ['keep', 'drop', 'parameters', 'result'];

/** The tags of a cell after a decision; one takes the place of any earlier one, null takes it back. */
export function decided(tags: string[], decision: Decision | null): string[] {
  const others = tags.filter(tag => !(DECISIONS as string[]).includes(tag));
  return decision ? [...others, decision] : others;
}

/** The decision among a cell's tags, if there is one. */
export function decisionOf(tags: string[]): Decision | null {
  return DECISIONS.find(decision => tags.includes(decision)) ?? null;
}
