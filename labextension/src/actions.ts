/** What the side panel can do in JupyterLab: go to a cell, open a file, tag a cell, ask. */
import { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { TranslationBundle } from '@jupyterlab/translation';

import { decided } from './decisions';
import { Desk, IActions } from './desk';
import { STAGE, tagged } from './stages';
import { COMMANDS } from './tokens';
import { comparisonOf } from './widgets';

export function actionsIn(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  trans: TranslationBundle,
  desk: () => Desk
): IActions {
  const cellAt = (index: number) => tracker.currentWidget?.content.widgets[index] ?? null;
  const tagsOf = (index: number) => (cellAt(index)?.model.getMetadata('tags') as string[]) ?? [];
  const setTags = (index: number, tags: string[]) => {
    const model = cellAt(index)?.model;
    if (tags.length) {
      model?.setMetadata('tags', tags);
    } else if (model?.getMetadata('tags')) {
      model.deleteMetadata('tags');
    }
  };
  return {
    goTo: (index, line) => {
      const panel = tracker.currentWidget;
      const cell = cellAt(index);
      if (panel && cell) {
        app.shell.activateById(panel.id);
        panel.content.activeCellIndex = index;
        void panel.content.scrollToItem(index, 'center').then(() => {
          cell.node.focus();
          if (line) {
            cell.editor?.setCursorPosition({ line: line - 1, column: 0 });
          }
        });
      }
    },
    open: (path, factory) => void app.commands.execute('docmanager:open', { path, ...(factory ? { factory } : {}) }),
    tagsOf,
    decide: (index, decision) => setTags(index, decided(tagsOf(index), decision)),
    stageOf: index =>
      tagsOf(index)
        .find(tag => tag.startsWith(STAGE))
        ?.slice(STAGE.length) ?? null,
    placeInStages: wish => {
      const cells = wish ? [...wish.keys()] : Array.from(tracker.currentWidget?.content.widgets ?? [], (_, at) => at);
      cells.forEach(index => setTags(index, tagged(tagsOf(index), wish?.get(index) ?? null)));
    },
    setDefault: (index, line, value) => {
      const shared = cellAt(index)?.model.sharedModel;
      if (shared) {
        const lines = shared.getSource().split('\n');
        lines[line - 1] = withValue(lines[line - 1], value);
        shared.setSource(lines.join('\n'));
      }
    },
    convert: () => void app.commands.execute(COMMANDS.convert),
    compare: run => {
      const widget = comparisonOf(run, desk(), trans);
      const open = Array.from(app.shell.widgets('main')).find(one => one.id === widget.id);
      if (!open) {
        app.shell.add(widget, 'main');
      }
      app.shell.activateById(widget.id);
    },
    confirmRun: async what => {
      const answer = await showDialog({
        title: trans.__('Run code?'),
        body: what,
        buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Run') })]
      });
      return answer.button.accept;
    }
  };
}

/** A line of the form `NAME = old  # why` with another value; any other line stays as it is. */
export function withValue(line: string, value: string): string {
  const found = /^(\s*[A-Za-z_]\w*\s*(?::[^=]+)?=\s*)('[^']*'|"[^"]*"|\[[^\]]*\]|[^#;]*?)(\s*(?:[#;].*)?)$/.exec(line);
  return found ? `${found[1]}${value}${found[3]}` : line;
}
