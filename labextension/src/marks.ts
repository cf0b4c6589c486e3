/**
 * An analysis -> what is shown at each cell: one badge with its reason, and which lines are dimmed.
 *
 *   marksOf(analysis, trans).get(3)  ->  {kind: 'partial', label: 'Partly live', reasons: ['line 2: only shows ...'], dead: [2], mixed: []}
 */
import { TranslationBundle } from '@jupyterlab/translation';

import { IAnalysis, ICell, IStatement } from './wire';

export type MarkKind = 'live' | 'partial' | 'dead' | 'parameter' | 'result' | 'error';

export interface IMark {
  kind: MarkKind;
  label: string;
  reasons: string[];
  dead: number[];
  mixed: number[];
}

/** The sign of each kind, which says the same as its colour. */
export const SIGNS: Record<MarkKind, string> = {
  live: '●',
  partial: '◐',
  dead: '○',
  parameter: 'P',
  result: '★',
  error: '!'
};

/** The mark of every code cell that has one, by the cell's index in the file. */
export function marksOf(analysis: IAnalysis, trans: TranslationBundle): Map<number, IMark> {
  const results = new Map<number, string[]>();
  for (const result of analysis.results) {
    if (result.statement !== null) {
      const cell = Number(result.statement.split('.')[0]);
      results.set(cell, [...(results.get(cell) ?? []), `${result.path || result.name}: ${result.why}`]);
    }
  }
  const parameters = new Map<number, string[]>();
  for (const parameter of analysis.parameters.filter(one => one.origin !== 'literal')) {
    parameters.set(parameter.cell, [...(parameters.get(parameter.cell) ?? []), parameter.name]);
  }
  const errors = new Map<number, string[]>();
  for (const finding of analysis.diagnostics) {
    if (finding.severity === 'error' && finding.cell !== null) {
      errors.set(finding.cell, [...(errors.get(finding.cell) ?? []), finding.message]);
    }
  }
  const marks = new Map<number, IMark>();
  for (const cell of analysis.cells) {
    if (cell.statements.length || errors.has(cell.index) || cell.verdict === 'directive') {
      const kind = kindOf(
        cell,
        errors.has(cell.index),
        results.has(cell.index),
        parameters.get(cell.index)?.length ?? 0
      );
      const notes = [
        ...(errors.get(cell.index) ?? []),
        ...(results.get(cell.index) ?? []).map(told => trans.__('Result %1', told)),
        ...(parameters.get(cell.index) ?? []).map(name => trans.__('Parameter %1', name))
      ];
      marks.set(cell.index, {
        kind,
        label: labels(trans)[kind],
        reasons: [...notes, ...reasonsOf(cell.statements, trans)],
        ...linesOf(cell.statements)
      });
    }
  }
  return marks;
}

function kindOf(cell: ICell, broken: boolean, isResult: boolean, parameters: number): MarkKind {
  if (broken) {
    return 'error';
  }
  if (cell.verdict === 'dead' || cell.verdict === 'directive') {
    return 'dead';
  }
  if (
    cell.verdict === 'parameters' ||
    (parameters > 0 && parameters >= cell.statements.filter(one => one.live).length)
  ) {
    return 'parameter';
  }
  if (cell.statements.some(one => !one.live)) {
    return 'partial';
  }
  return isResult ? 'result' : 'live';
}

/** The name of each kind. */
export function labels(trans: TranslationBundle): Record<MarkKind, string> {
  return {
    live: trans.__('Live'),
    partial: trans.__('Partly live'),
    dead: trans.__('Dead'),
    parameter: trans.__('Parameter'),
    result: trans.__('Result'),
    error: trans.__('Error')
  };
}

/** Why, the dropped statements first; the same reason is told once. */
function reasonsOf(statements: IStatement[], trans: TranslationBundle): string[] {
  const several = statements.length > 1;
  const sorted = [...statements.filter(one => !one.live), ...statements.filter(one => one.live)];
  const told = sorted.map(one => {
    const reason = one.live ? one.reason : trans.__('dropped: %1', one.reason);
    return several ? trans.__('line %1: %2', one.start, reason) : reason;
  });
  return [...new Set(told)];
}

/** The lines all of whose statements are dropped, and those that hold both kinds. */
export function linesOf(statements: IStatement[]): { dead: number[]; mixed: number[] } {
  const live = new Set<number>();
  const gone = new Set<number>();
  for (const one of statements) {
    for (let line = one.start; line <= one.end; line++) {
      (one.live ? live : gone).add(line);
    }
  }
  const lines = [...gone].sort((a, b) => a - b);
  return { dead: lines.filter(line => !live.has(line)), mixed: lines.filter(line => live.has(line)) };
}
