/**
 * Jobs on the server, followed live: after a broken connection from where it broke. No widgets here.
 *
 *   const run = await jobs.start({kind: 'convert', path: 'churn.ipynb'})   ->   run.steps, run.lines, run.job.state, run.changed
 */
import { ISignal, Signal } from '@lumino/signaling';

import { IApi, IEvent, isOver, Refusal } from './request';
import { troubleOf } from './session';
import { IJob, JobRequest } from './wire';

const MOST_LINES = 2000;
const RETRIES = 20;

/** One job and what has been heard of it. */
export class Run {
  steps: string[] = [];
  lines: string[] = [];
  waiting = false; // the server does not answer

  constructor(
    readonly request: JobRequest,
    public job: IJob,
    private readonly _api: IApi,
    private readonly _pause = 1000
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get over(): boolean {
    return isOver(this.job.state);
  }

  /** Listen until the job is over. */
  async follow(): Promise<void> {
    for (let tries = 0; !this.over && tries < RETRIES; tries++) {
      try {
        await this._api.events(this.job.id, this._heard, event => {
          tries = 0;
          this.waiting = false;
          this._hear(event);
        });
        this.job = await this._api.job(this.job.id);
      } catch (error) {
        if (error instanceof Refusal && error.status !== 0 && error.status < 500) {
          this.job = { ...this.job, state: 'failed', error: error.trouble };
          break;
        }
        this.waiting = true;
        this._changed.emit();
        await new Promise(resolve => setTimeout(resolve, this._pause));
      }
    }
    if (!this.over) {
      const message = 'The server does not answer.';
      this.job = { ...this.job, state: 'failed', error: { kind: 'Gone', message, hint: '', diagnostics: [] } };
    }
    this.waiting = false;
    this._changed.emit();
  }

  /** End it with all it started. */
  async cancel(): Promise<void> {
    try {
      this.job = await this._api.cancel(this.job.id);
    } catch (error) {
      this.job = { ...this.job, error: troubleOf(error) };
    }
    this._changed.emit();
  }

  private _hear(event: IEvent): void {
    this._heard = event.number;
    if (event.name === 'step') {
      this.steps = [...this.steps, event.data];
    } else if (event.name === 'line') {
      this.lines = [...this.lines, event.data].slice(-MOST_LINES);
    } else if (event.name === 'state') {
      this.job = { ...this.job, state: event.data as IJob['state'] };
    }
    this._changed.emit();
  }

  private _heard = 0;
  private _changed = new Signal<this, void>(this);
}

/** All jobs that were started from this window, the newest first. */
export class Runs {
  list: Run[] = [];

  constructor(private readonly _api: IApi) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Start a job and follow it. Throws a `Refusal`. */
  async start(request: JobRequest): Promise<Run> {
    const run = new Run(request, await this._api.start(request), this._api);
    this.list = [run, ...this.list].slice(0, 20);
    run.changed.connect(() => this._changed.emit());
    this._changed.emit();
    void run.follow();
    return run;
  }

  private _changed = new Signal<this, void>(this);
}
