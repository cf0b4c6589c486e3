/**
 * Dropped lines are dimmed in the editor, line by line, whenever the editor of a cell comes to be.
 *
 *   lines.set(cell.model, {dead: [2, 3], mixed: []})   ->   .jp-nb2prod-dead on lines 2 and 3 of that cell's editor
 */
import { RangeSetBuilder, StateEffect, StateField, Extension } from '@codemirror/state';
import { Decoration, DecorationSet, EditorView, ViewPlugin } from '@codemirror/view';
import { CodeEditor } from '@jupyterlab/codeeditor';
import { ISignal, Signal } from '@lumino/signaling';

export interface IDimmed {
  dead: number[];
  mixed: number[];
}

const NOTHING: IDimmed = { dead: [], mixed: [] };
const DEAD = Decoration.line({ class: 'jp-nb2prod-dead' });
const MIXED = Decoration.line({ class: 'jp-nb2prod-mixed' });

/** Which lines of which cell are dimmed. */
export class DimmedLines {
  get(model: CodeEditor.IModel): IDimmed {
    return this._lines.get(model) ?? NOTHING;
  }

  set(model: CodeEditor.IModel, lines: IDimmed): void {
    if (JSON.stringify(this.get(model)) !== JSON.stringify(lines)) {
      this._lines.set(model, lines);
      this._changed.emit(model);
    }
  }

  get changed(): ISignal<this, CodeEditor.IModel> {
    return this._changed;
  }

  private _lines = new WeakMap<CodeEditor.IModel, IDimmed>();
  private _changed = new Signal<this, CodeEditor.IModel>(this);
}

const dim = StateEffect.define<IDimmed>();

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (decorations, transaction) => {
    const asked = transaction.effects.filter(effect => effect.is(dim)).pop();
    return asked ? decorate(transaction.state.doc, asked.value as IDimmed) : decorations.map(transaction.changes);
  },
  provide: own => EditorView.decorations.from(own)
});

/** The decorations of a text; lines it has not are left out. */
export function decorate(doc: { lines: number; line(n: number): { from: number } }, lines: IDimmed): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const dead = new Set(lines.dead);
  for (const number of [...lines.dead, ...lines.mixed].sort((a, b) => a - b)) {
    if (number <= doc.lines) {
      const { from } = doc.line(number);
      builder.add(from, from, dead.has(number) ? DEAD : MIXED);
    }
  }
  return builder.finish();
}

/** The extension for the editor of one model. */
export function dimming(lines: DimmedLines, model: CodeEditor.IModel): Extension {
  const plugin = ViewPlugin.define(view => {
    const follow = (_: unknown, changed: CodeEditor.IModel) => {
      if (changed === model) {
        view.dispatch({ effects: dim.of(lines.get(model)) });
      }
    };
    lines.changed.connect(follow);
    // an editor that comes later than its marks; not at once, for a view must not be changed while it is made
    const first = setTimeout(() => follow(null, model), 0);
    return {
      destroy: () => {
        clearTimeout(first);
        lines.changed.disconnect(follow);
      }
    };
  });
  return [field, plugin];
}
