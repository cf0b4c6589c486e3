/**
 * All that the side panel shows and what can be done from it. No widgets here: what touches JupyterLab comes in as `IActions`.
 *
 *   desk.session = sessionOf(panel); desk.cell = 3   ->   changed
 */
import { PathExt } from '@jupyterlab/coreutils';
import { ISignal, Signal } from '@lumino/signaling';

import { Decision } from './decisions';
import { Run, Runs } from './jobs';
import { IApi } from './request';
import { Session } from './session';
import { Wish } from './stages';
import { IPlace, IPreviewFile, IProject, IStatus, JobRequest } from './wire';
import { IAsked, Wishes } from './wishes';

export interface IActions {
  goTo(cell: number, line?: number): void;
  open(path: string, factory?: string): void;
  decide(cell: number, decision: Decision | null): void;
  tagsOf(cell: number): string[];
  setValue(literals: IPlace[], value: string): void;
  wishesOf(cell: number): Wishes;
  wish(cell: number, source: string, change: IAsked | null): void;
  wishes(): Map<number, Wishes>; // of all cells that have some
  stageOf(cell: number): string | null; // the one its tags ask for
  placeInStages(wish: Wish | null): void; // null takes all wishes back
  convert(): void;
  compare(run: Run): void;
  showDiff(file: IPreviewFile): void;
  confirmRun(what: string): Promise<boolean>;
}

const SCHEDULER = 'jupyter-scheduler';

export type Tab = 'summary' | 'graph' | 'parameters' | 'plan' | 'files' | 'run';

export class Desk {
  readonly runs: Runs;
  status: IStatus | null = null;
  readonly projects = new Map<string, IProject>(); // notebook -> the project made of it

  constructor(
    readonly api: IApi,
    readonly actions: IActions
  ) {
    this.runs = new Runs(api);
    this.runs.changed.connect(() => {
      for (const run of this.runs.list) {
        const { folder, manifest } = run.job.result ?? {};
        if (run.request.kind === 'convert' && folder && manifest && !this._taken.has(run)) {
          this._taken.add(run);
          this.projects.set(run.request.path, { folder, manifest });
        }
      }
      this._changed.emit();
    });
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get session(): Session | null {
    return this._session;
  }

  set session(session: Session | null) {
    if (session !== this._session) {
      this._session?.changed.disconnect(this._tell, this);
      session?.changed.connect(this._tell, this);
      this._session = session;
      this._changed.emit();
    }
  }

  /** The selected cell. */
  get cell(): number | null {
    return this._cell;
  }

  set cell(cell: number | null) {
    if (cell !== this._cell) {
      this._cell = cell;
      this._changed.emit();
    }
  }

  get tab(): Tab {
    return this._tab;
  }

  set tab(tab: Tab) {
    this._tab = tab;
    this._changed.emit();
  }

  /** The project made of the current notebook. */
  get project(): IProject | null {
    return this.projects.get(this._session?.source.path ?? '') ?? null;
  }

  /** Look for a project of the current notebook in the folder where it would be. */
  async findProject(): Promise<void> {
    const path = this._session?.source.path;
    if (!path || this.projects.has(path) || this._looked.has(path)) {
      return;
    }
    this._looked.add(path);
    try {
      const found = await this.api.project(folderFor(path));
      if (
        found &&
        !this.projects.has(path) &&
        PathExt.basename(found.manifest.notebook.path) === PathExt.basename(path)
      ) {
        this.projects.set(path, found);
        this._changed.emit();
      }
    } catch {
      // it cannot be read; a conversion will say why
    }
  }

  /** The runs that belong to the current notebook or its project. */
  get currentRuns(): Run[] {
    const path = this._session?.source.path ?? '';
    const folder = this.project?.folder;
    return this.runs.list.filter(
      run =>
        ('path' in run.request && run.request.path === path) ||
        ('folder' in run.request && run.request.folder === folder)
    );
  }

  async start(request: JobRequest): Promise<Run> {
    const run = await this.runs.start(request);
    this.tab = 'run';
    return run;
  }

  /** Write job files and, with `inside`, create a job definition in jupyter-scheduler that runs the notebook among them. Throws a `Refusal`. */
  async schedule(folder: string, targets: string[], cron: string, timezone: string, inside: boolean): Promise<void> {
    const all = inside ? [...new Set([...targets, SCHEDULER])] : targets;
    const run = await this.start({ kind: 'schedule', folder, targets: all, cron, ...(timezone ? { timezone } : {}) });
    await run.ended;
    const notebook = run.job.result?.files?.find(
      file => file.startsWith(`jobs/${SCHEDULER}/`) && file.endsWith('.ipynb')
    );
    if (inside && notebook && run.job.result?.code === 0) {
      await this.api.schedule({
        name: PathExt.basename(notebook, '.ipynb'),
        input_uri: `${folder}/${notebook}`,
        runtime_environment_name: '',
        output_formats: ['ipynb'],
        schedule: cron,
        timezone: timezone || 'UTC',
        parameters: { parameters: '{}' }
      });
    }
  }

  private _tell(): void {
    this._changed.emit();
  }

  private readonly _taken = new WeakSet<Run>();
  private readonly _looked = new Set<string>();
  private _session: Session | null = null;
  private _cell: number | null = null;
  private _tab: Tab = 'summary';
  private _changed = new Signal<this, void>(this);
}

/** Where the project of a notebook goes unless another folder is asked for. */
export function folderFor(path: string): string {
  return PathExt.join(PathExt.dirname(path), PathExt.basename(path, '.ipynb').replace(/\W+/g, '_'));
}
