/**
 * All that the side panel shows and what can be done from it. No widgets here: what touches JupyterLab comes in as `IActions`.
 *
 *   desk.session = sessionOf(panel); desk.cell = 3   ->   changed
 */
import { ISignal, Signal } from '@lumino/signaling';

import { Decision } from './decisions';
import { Run, Runs } from './jobs';
import { IApi } from './request';
import { Session } from './session';
import { IStatus, JobRequest } from './wire';

export interface IActions {
  goTo(cell: number, line?: number): void;
  open(path: string, factory?: string): void;
  decide(cell: number, decision: Decision | null): void;
  tagsOf(cell: number): string[];
  setDefault(cell: number, line: number, value: string): void;
  convert(): void;
  compare(run: Run): void;
  confirmRun(what: string): Promise<boolean>;
  schedule(folder: string, cron: string, timezone: string): Promise<void>;
}

export type Tab = 'summary' | 'graph' | 'parameters' | 'plan' | 'files' | 'run';

export class Desk {
  readonly runs: Runs;
  status: IStatus | null = null;
  folders = new Map<string, string>(); // notebook -> the project made of it

  constructor(
    readonly api: IApi,
    readonly actions: IActions
  ) {
    this.runs = new Runs(api);
    this.runs.changed.connect(() => {
      for (const run of this.runs.list) {
        if (run.request.kind === 'convert' && run.job.result?.folder) {
          this.folders.set(run.request.path, run.job.result.folder);
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

  /** The runs that belong to the current notebook or its project. */
  get currentRuns(): Run[] {
    const path = this._session?.source.path ?? '';
    const folder = this.folders.get(path);
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

  private _tell(): void {
    this._changed.emit();
  }

  private _session: Session | null = null;
  private _cell: number | null = null;
  private _tab: Tab = 'summary';
  private _changed = new Signal<this, void>(this);
}
