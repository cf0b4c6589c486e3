/** The plugin: brings the notebooks, the server and the side panel together. */
import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { actionsIn } from './actions';
import { addCommands, cellMenu } from './commands';
import { contentOf } from './content';
import { Desk } from './desk';
import { dimming, DimmedLines } from './dim';
import { Lane } from './lane';
import { Api } from './request';
import { DELAYS, Session } from './session';
import { PANEL, PLUGIN } from './tokens';
import { SidePanel } from './widgets';

const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description: 'Shows what of a notebook is kept, and makes a proved package of it.',
  autoStart: true,
  requires: [INotebookTracker, IEditorExtensionRegistry],
  optional: [ISettingRegistry, ITranslator, ICommandPalette, IFileBrowserFactory, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    editors: IEditorExtensionRegistry,
    registry: ISettingRegistry | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    browsers: IFileBrowserFactory | null,
    restorer: ILayoutRestorer | null
  ) => {
    const trans = (translator ?? nullTranslator).load('nb2prod');
    const api = new Api(app.serviceManager.serverSettings);
    const desk: Desk = new Desk(
      api,
      actionsIn(app, tracker, trans, () => desk)
    );
    const lines = new DimmedLines();
    const sessions = new WeakMap<NotebookPanel, Session>();
    const lanes = new Map<NotebookPanel, Lane>();
    const wanted = { marks: true, delay: DELAYS.analysis };

    const side = new SidePanel(desk, trans);
    app.shell.add(side, 'right', { rank: 900, type: 'Notebook' });
    restorer?.add(side, PANEL);
    editors.addExtension({
      name: 'nb2prod:dropped-lines',
      factory: options => EditorExtensionRegistry.createImmutableExtension(dimming(lines, options.model))
    });

    const showMarks = (panel: NotebookPanel) => {
      const session = sessions.get(panel);
      if (wanted.marks && session && !lanes.has(panel)) {
        const menu = (cell: number, event: MouseEvent) => {
          panel.content.activeCellIndex = cell;
          cellMenu(app.commands, trans).open(event.clientX, event.clientY);
        };
        lanes.set(panel, new Lane(panel, session, lines, trans, menu));
      } else if (!wanted.marks) {
        lanes.get(panel)?.dispose();
        lanes.delete(panel);
      }
    };
    const follow = () => {
      const panel = tracker.currentWidget;
      desk.session = (panel && sessions.get(panel)) ?? null;
      desk.cell = panel ? panel.content.activeCellIndex : null;
    };
    const attend = (panel: NotebookPanel) => {
      void panel.context.ready.then(() => {
        if (panel.isDisposed || !panel.context.model) {
          return;
        }
        const { context } = panel;
        const source = {
          get path() {
            return context.path;
          },
          changed: context.model.contentChanged,
          content: () => contentOf(context.model)
        };
        const session = new Session(source, api, { ...DELAYS, analysis: wanted.delay });
        sessions.set(panel, session);
        panel.disposed.connect(() => {
          session.dispose();
          lanes.delete(panel);
          follow();
        });
        showMarks(panel);
        session.refresh();
        follow();
      });
    };
    tracker.forEach(attend); // those opened before this extension was there
    tracker.widgetAdded.connect((_, panel) => attend(panel));
    tracker.currentChanged.connect(follow);
    tracker.activeCellChanged.connect(follow);

    addCommands({ app, tracker, desk, trans, palette, browsers, wanted, refresh: () => tracker.forEach(showMarks) });
    void registry?.load(PLUGIN).then(settings => {
      const apply = () => {
        wanted.marks = settings.get('marks').composite as boolean;
        wanted.delay = settings.get('delay').composite as number;
        tracker.forEach(showMarks);
        app.commands.notifyCommandChanged();
      };
      settings.changed.connect(apply);
      apply();
    });
    void api
      .status()
      .then(status => {
        desk.status = status;
        return desk.runs.restore();
      })
      .catch(() => undefined); // the panel says so with the first analysis
  }
};

export default plugin;
