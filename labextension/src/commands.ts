/** The commands, and where they are offered. */
import { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, ICommandPalette, Notification, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { TranslationBundle } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';

import { ConvertForm } from './components/ConvertForm';
import { Decision, decisionOf } from './decisions';
import { Desk, folderFor } from './desk';
import { Run } from './jobs';
import { troubleOf } from './session';
import { COMMANDS, PANEL } from './tokens';
import { icon } from './widgets';

export interface IParts {
  app: JupyterFrontEnd;
  tracker: INotebookTracker;
  desk: Desk;
  trans: TranslationBundle;
  palette: ICommandPalette | null;
  browsers: IFileBrowserFactory | null;
  wanted: { marks: boolean };
  refresh: () => void;
}

const DECISIONS: (Decision | 'none')[] = ['keep', 'drop', 'parameters', 'result', 'none'];

export function addCommands(parts: IParts): void {
  const { app, tracker, desk, trans, palette, wanted, refresh } = parts;
  const { commands } = app;
  const isOpen = () => tracker.currentWidget !== null;
  const category = trans.__('Notebook to production');

  commands.addCommand(COMMANDS.convert, {
    label: args => (args.toolbar ? '' : trans.__('Convert to Production…')),
    caption: trans.__(
      'Convert to production: make a tested package of this notebook, and prove that it gives the same results'
    ),
    icon,
    isEnabled: () => isOpen() || chosenFile(parts) !== null,
    execute: async args => convert(parts, args.file ? chosenFile(parts) : null)
  });
  commands.addCommand(COMMANDS.panel, {
    label: trans.__('Show What Is Kept'),
    caption: trans.__('Show what of this notebook is kept and why'),
    execute: () => app.shell.activateById(PANEL)
  });
  commands.addCommand(COMMANDS.preview, {
    label: trans.__('Preview the Package'),
    isEnabled: isOpen,
    execute: async () => {
      desk.tab = 'files';
      app.shell.activateById(PANEL);
      await desk.session?.loadPreview('');
    }
  });
  commands.addCommand(COMMANDS.marks, {
    label: trans.__('Show Live and Dead Marks'),
    isToggled: () => wanted.marks,
    execute: () => {
      wanted.marks = !wanted.marks;
      refresh();
    }
  });
  const names: Record<Decision | 'none', string> = {
    keep: trans.__('Keep This Cell'),
    drop: trans.__('Drop This Cell'),
    parameters: trans.__('This Cell Holds Parameters'),
    result: trans.__('This Cell Is a Result'),
    none: trans.__('Let nb2prod Decide')
  };
  const active = () => tracker.currentWidget?.content.activeCellIndex ?? -1;
  commands.addCommand(COMMANDS.decide, {
    label: args => names[(args.as as Decision) ?? 'keep'],
    isEnabled: () => tracker.activeCell?.model.type === 'code',
    isToggled: args => isOpen() && (decisionOf(desk.actions.tagsOf(active())) ?? 'none') === args.as,
    execute: args => desk.actions.decide(active(), args.as === 'none' ? null : (args.as as Decision))
  });
  for (const command of [COMMANDS.convert, COMMANDS.panel, COMMANDS.preview, COMMANDS.marks]) {
    palette?.addItem({ command, category });
  }
  for (const as of DECISIONS) {
    palette?.addItem({ command: COMMANDS.decide, category, args: { as } });
  }
}

/** The menu of a badge. */
export function cellMenu(commands: CommandRegistry, trans: TranslationBundle): Menu {
  const menu = new Menu({ commands });
  DECISIONS.forEach(as => menu.addItem({ command: COMMANDS.decide, args: { as } }));
  menu.addItem({ type: 'separator' });
  menu.addItem({ command: COMMANDS.panel });
  return menu;
}

/** The notebook chosen in the file browser. */
function chosenFile({ browsers }: IParts): string | null {
  const item = browsers?.tracker.currentWidget?.selectedItems().next();
  return item && !item.done && item.value.path.endsWith('.ipynb') ? item.value.path : null;
}

/** Ask, save, start, and tell how it ended. */
async function convert(parts: IParts, file: string | null): Promise<void> {
  const { app, tracker, desk, trans } = parts;
  const panel = file ? null : tracker.currentWidget;
  const path = file ?? panel?.context.path;
  if (!path) {
    return;
  }
  desk.status = desk.status ?? (await desk.api.status().catch(() => null));
  const folder = desk.projects.get(path)?.folder ?? folderFor(path);
  const body = new ConvertForm(folder, desk.status, trans);
  const answer = await showDialog({
    title: trans.__('Convert %1 to production', PathExt.basename(path)),
    body,
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Convert') })]
  });
  if (!answer.button.accept || !answer.value) {
    return;
  }
  if (panel?.context.model.dirty) {
    await panel.context.save();
  }
  app.shell.activateById(PANEL);
  try {
    const { folder, options } = answer.value;
    const run = await desk.start({ kind: 'convert', path, ...(folder ? { folder } : {}), options });
    notify(run, path, trans, () => app.shell.activateById(PANEL));
  } catch (error) {
    const trouble = troubleOf(error);
    void showErrorMessage(
      trans.__('The conversion could not be started'),
      [trouble.message, trouble.hint].filter(Boolean).join('\n')
    );
  }
}

/** One notification, updated in place until the run is over. */
function notify(run: Run, path: string, trans: TranslationBundle, show: () => void): void {
  const name = PathExt.basename(path);
  const actions = [{ label: trans.__('Show'), callback: show }];
  const id = Notification.emit(trans.__('Converting %1', name), 'in-progress', { autoClose: false, actions });
  const update = () => {
    if (!run.over) {
      const step = run.steps[run.steps.length - 1];
      Notification.update({
        id,
        message: step ? trans.__('Converting %1: %2', name, step) : trans.__('Converting %1', name),
        type: 'in-progress',
        autoClose: false,
        actions
      });
      return;
    }
    run.changed.disconnect(update);
    const outcome = run.job.result?.verdict?.outcome;
    const type =
      run.job.state === 'done' && (!outcome || outcome === 'same')
        ? 'success'
        : run.job.state === 'cancelled'
          ? 'info'
          : 'error';
    const told = run.job.error?.message ?? (outcome ? outcome.toUpperCase() : run.job.state);
    Notification.update({ id, message: `${name}: ${told}`, type, autoClose: 6000, actions });
  };
  run.changed.connect(update);
}
