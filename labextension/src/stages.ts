/**
 * What a person decides about stages, kept as tags of the cells, which the command line reads as well.
 *
 *   stages load (cells 1, 2) and clean (cell 4):   renamed(stages, 0, 'fetch')   ->   {1: 'fetch', 2: 'fetch'}
 *                                                  merged(stages, 0)             ->   {1: 'load', 2: 'load', 4: 'load'}
 *                                                  moved(stages, 0, 2, 'next')   ->   {1: 'load', 2: 'clean', 4: 'clean'}
 */
import { IStage } from './wire';

export const STAGE = 'stage:';
export const NAME = '[a-z][a-z0-9_]*';

/** The name of the stage that each cell is to be in. */
export type Wish = Map<number, string>;

/** Where a cell can go: to the stage before with all above it, to the next one with all below it, or with these into one of its own. */
export type Way = 'previous' | 'next' | 'new';

export function cellsOf(stage: IStage): number[] {
  return [...new Set(stage.statements.map(id => Number(id.split('.')[0])))];
}

export function renamed(stages: IStage[], at: number, name: string): Wish {
  return wish([[cellsOf(stages[at]), name]]);
}

/** A stage and the next one made one. */
export function merged(stages: IStage[], at: number): Wish {
  return wish([[[...cellsOf(stages[at]), ...cellsOf(stages[at + 1])], stages[at].name]]);
}

export function moved(stages: IStage[], at: number, cell: number, way: Way): Wish {
  const cells = cellsOf(stages[at]);
  const place = cells.indexOf(cell);
  const { name } = stages[at];
  if (way === 'previous') {
    const before = stages[at - 1];
    return wish([
      [[...cellsOf(before), ...cells.slice(0, place + 1)], before.name],
      [cells.slice(place + 1), name]
    ]);
  }
  const after = way === 'next' ? stages[at + 1] : null;
  return wish([
    [cells.slice(0, place), name],
    [[...cells.slice(place), ...(after ? cellsOf(after) : [])], after?.name ?? freeName(stages, name)]
  ]);
}

/** The tags of a cell with another stage, or with none. */
export function tagged(tags: string[], stage: string | null): string[] {
  const others = tags.filter(tag => !tag.startsWith(STAGE));
  return stage ? [...others, STAGE + stage] : others;
}

function freeName(stages: IStage[], name: string): string {
  const taken = new Set(stages.map(stage => stage.name));
  const stem = name.replace(/_\d+$/, '');
  for (let number = 2; ; number++) {
    if (!taken.has(`${stem}_${number}`)) {
      return `${stem}_${number}`;
    }
  }
}

function wish(parts: [number[], string][]): Wish {
  return new Map(parts.flatMap(([cells, name]) => cells.map(cell => [cell, name] as [number, string])));
}
