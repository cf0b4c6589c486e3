/**
 * What a person asks about parameters, kept in the metadata of the cells their values stand in, which the command line reads as well.
 *
 *   withWish({}, 'LIMIT', {name: 'most'})                            ->  {LIMIT: {name: 'most'}}
 *   withWish({LIMIT: {name: 'most'}}, 'LIMIT', {parameter: false})    ->  {LIMIT: {name: 'most', parameter: false}}
 *   withWish({LIMIT: {name: 'most'}}, 'LIMIT', {name: undefined})     ->  {}
 */
import { ISpan } from './wire';

export const METADATA = 'nb2prod';

export interface IAsked {
  name?: string;
  type?: string;
  help?: string;
  parameter?: boolean;
}

/** What is asked about each value of a cell, by the value's own words. */
export type Wishes = Record<string, IAsked>;

/** What a value can be read as instead; the same table is in `nb2prod/planning/parameter_wishes.py`. */
export const TYPES: Record<string, string[]> = { int: ['float'], path: ['str'], date: ['str'], str: ['path'] };

/** The wishes in a cell's own metadata, whatever else is there. */
export function wishesIn(metadata: unknown): Wishes {
  const asked = (metadata as { parameters?: unknown } | null)?.parameters;
  return asked && typeof asked === 'object' && !Array.isArray(asked) ? (asked as Wishes) : {};
}

/** The wishes after a change to one of them; what is undefined is asked no more, null takes all back. */
export function withWish(wishes: Wishes, source: string, change: IAsked | null): Wishes {
  const { [source]: before, ...others } = wishes;
  const asked =
    change && Object.fromEntries(Object.entries({ ...before, ...change }).filter(pair => pair[1] !== undefined));
  return asked && Object.keys(asked).length ? { ...others, [source]: asked } : others;
}

/** A cell's metadata with other wishes; undefined where nothing of ours is left. */
export function withWishes(metadata: unknown, wishes: Wishes): object | undefined {
  const { parameters: _, ...others } = { ...(metadata as { parameters?: unknown }) };
  const all = Object.keys(wishes).length ? { ...others, parameters: wishes } : others;
  return Object.keys(all).length ? all : undefined;
}

/** A text with something else between two places, which count characters as Python does; null where no value stands there. */
export function replaced(text: string, span: ISpan, value: string): string | null {
  const lines = text.split('\n');
  const offset = (line: number, column: number) =>
    lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) +
    Array.from(lines[line - 1] ?? '')
      .slice(0, column)
      .join('').length;
  const [start, end] = [offset(span.start_line, span.start_column), offset(span.end_line, span.end_column)];
  const old = text.slice(start, end);
  return VALUE.test(old) ? text.slice(0, start) + (old.startsWith('(') ? tuple(value) : value) + text.slice(end) : null;
}

const VALUE = /^(-?[\d.]\S*|True|False|None|[A-Za-z]{0,2}(['"])[^]*\2|\[[^]*\]|\{[^]*\}|\([^]*\))$/;

function tuple(value: string): string {
  return value.replace(/^\[([^]*?),?\s*\]$/, (_, inner) => (inner.trim() ? `(${inner},)` : '()'));
}
