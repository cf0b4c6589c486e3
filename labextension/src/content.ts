/**
 * A notebook's model -> what is sent of it: sources, ids, tags and counts; of the outputs their kinds and their beginning, never pictures.
 *
 *   slimOutput({output_type: 'display_data', data: {'image/png': 'iVBOR...', 'text/plain': '<Figure>'}})
 *     ->  {output_type: 'display_data', data: {'image/png': '', 'text/plain': '<Figure>'}, metadata: {}}
 */
import { ICellModel } from '@jupyterlab/cells';
import { INotebookModel } from '@jupyterlab/notebook';

import { IContent } from './wire';
import { METADATA } from './wishes';

const LONGEST = 2000; // characters of one text

const slim = new WeakMap<ICellModel, object>();
const watched = new WeakSet<ICellModel>();

/** A cell as the server wants it, made again only after a change: outputs may be many megabytes. */
function slimmed(cell: ICellModel): object {
  if (!watched.has(cell)) {
    const forget = () => void slim.delete(cell);
    watched.add(cell);
    cell.sharedModel.changed.connect(forget);
    cell.contentChanged.connect(forget);
  }
  const found = slim.get(cell) ?? slimCell(cell.toJSON() as unknown as Record<string, unknown>);
  slim.set(cell, found);
  return found;
}

/** The notebook as the server wants it. */
export function contentOf(model: INotebookModel): IContent {
  const { metadata, nbformat, nbformat_minor } = model.sharedModel;
  return {
    cells: Array.from(model.cells, slimmed),
    metadata: { kernelspec: metadata.kernelspec, language_info: metadata.language_info },
    nbformat,
    nbformat_minor
  };
}

export function slimCell(cell: Record<string, unknown>): object {
  const { id, cell_type, source, execution_count, outputs } = cell;
  const { tags, [METADATA]: asked } = (cell.metadata ?? {}) as { tags?: string[]; [METADATA]?: unknown };
  const metadata = { ...(tags ? { tags } : {}), ...(asked ? { [METADATA]: asked } : {}) };
  const slim: Record<string, unknown> = { id, cell_type, source, metadata };
  if (cell_type === 'code') {
    slim.execution_count = execution_count ?? null;
    slim.outputs = ((outputs ?? []) as Record<string, unknown>[]).map(slimOutput);
  }
  return slim;
}

export function slimOutput(output: Record<string, unknown>): object {
  const slim: Record<string, unknown> = { ...output };
  if (output.data) {
    slim.data = Object.fromEntries(
      Object.entries(output.data as Record<string, unknown>).map(([mime, value]) => [
        mime,
        mime === 'text/plain' ? cut(value) : ''
      ])
    );
    slim.metadata = {};
  }
  if (output.text !== undefined) {
    slim.text = cut(output.text);
  }
  return slim;
}

function cut(value: unknown): string {
  return (Array.isArray(value) ? value.join('') : String(value)).slice(0, LONGEST);
}
