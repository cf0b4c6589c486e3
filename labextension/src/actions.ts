/** What the side panel can do in JupyterLab: go to a cell, open a file, tag a cell, ask. */
import { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, MainAreaWidget, showDialog } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { TranslationBundle } from '@jupyterlab/translation';

import { decided } from './decisions';
import { Desk, IActions } from './desk';
import { STAGE, tagged } from './stages';
import { COMMANDS } from './tokens';
import { comparisonOf, diffOf } from './widgets';
import { METADATA, replaced, wishesIn, withWish, withWishes } from './wishes';

export function actionsIn(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  trans: TranslationBundle,
  desk: () => Desk
): IActions {
  const cellAt = (index: number) => tracker.currentWidget?.content.widgets[index] ?? null;
  const tagsOf = (index: number) => (cellAt(index)?.model.getMetadata('tags') as string[]) ?? [];
  const wishesOf = (index: number) => wishesIn(cellAt(index)?.model.getMetadata(METADATA));
  const setTags = (index: number, tags: string[]) => {
    const model = cellAt(index)?.model;
    if (tags.length) {
      model?.setMetadata('tags', tags);
    } else if (model?.getMetadata('tags')) {
      model.deleteMetadata('tags');
    }
  };
  /** Bring a page to the front, which is there at most once. */
  const show = (widget: MainAreaWidget) => {
    const open = Array.from(app.shell.widgets('main')).find(one => one.id === widget.id);
    if (open) {
      widget.dispose();
    } else {
      app.shell.add(widget, 'main');
    }
    app.shell.activateById(widget.id);
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
    setValue: (literals, value) => {
      const backwards = [...literals].sort(
        (a, b) => b.span.start_line - a.span.start_line || b.span.start_column - a.span.start_column
      );
      for (const { cell, span } of backwards) {
        const shared = cellAt(cell)?.model.sharedModel;
        const text = shared && replaced(shared.getSource(), span, value);
        if (text) {
          shared.setSource(text);
        }
      }
    },
    wishesOf,
    wish: (index, source, change) => {
      const model = cellAt(index)?.model;
      const metadata = withWishes(model?.getMetadata(METADATA), withWish(wishesOf(index), source, change));
      if (metadata) {
        model?.setMetadata(METADATA, metadata);
      } else {
        model?.deleteMetadata(METADATA);
      }
    },
    wishes: () => {
      const all = Array.from(tracker.currentWidget?.content.widgets ?? [], (_, at) => [at, wishesOf(at)] as const);
      return new Map(all.filter(([, wishes]) => Object.keys(wishes).length > 0));
    },
    convert: () => void app.commands.execute(COMMANDS.convert),
    compare: run => show(comparisonOf(run, desk(), trans)),
    showDiff: file => show(diffOf(file, trans)),
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
