/**
 * Jobs on the server, followed live: after a broken connection from where it broke. No widgets here.
 *
 *   const run = await jobs.start({kind: 'convert', path: 'churn.ipynb'})   ->   run.steps, run.lines, run.job.state, run.changed
 *   await jobs.restore()                                                   ->   what was started before this window was opened
 *
 * A browser has six connections to a server for all its windows, so only one run of a window is streamed; the others ask now and then.
 */
import { ISignal, Signal } from '@lumino/signaling';

import { IApi, IEvent, isOver, Refusal } from './request';
import { troubleOf } from './session';
import { IJob, ITrouble, JobRequest } from './wire';

const MOST_LINES = 2000;
const MOST_RUNS = 20;
const LONGEST_PAUSE = 5; // times the pause after the first failure

/** The server was started again meanwhile and knows nothing of the job, which ended with it. */
const LOST: ITrouble = { kind: 'Lost', message: 'The server was started again.', hint: '', diagnostics: [] };

/** Who has the stream of this window. */
export interface IStream {
  taken: boolean;
}

/** One job and what has been heard of it. */
export class Run {
  steps: string[] = [];
  lines: string[] = [];
  waiting = false; // the server does not answer
  ended: Promise<void> = Promise.resolve(); // once it is followed: when it is over

  constructor(
    readonly request: JobRequest,
    public job: IJob,
    private readonly _api: IApi,
    private readonly _stream: IStream = { taken: false },
    private readonly _pause = 1000
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get over(): boolean {
    return isOver(this.job.state);
  }

  /** Listen until the job is over. */
  follow(): Promise<void> {
    this.ended = this._follow();
    return this.ended;
  }

  private async _follow(): Promise<void> {
    while (!this.over) {
      try {
        await this._listen();
      } catch (error) {
        if (error instanceof Refusal && error.status === 404) {
          this.job = { ...this.job, state: 'failed', error: LOST };
        } else if (error instanceof Refusal && error.status !== 0 && error.status < 500) {
          this.job = { ...this.job, state: 'failed', error: error.trouble };
        } else {
          this._failures += 1;
          this.waiting = true;
          this._changed.emit();
        }
      }
      if (!this.over) {
        const pause = this._pause * Math.min(Math.max(1, this._failures), LONGEST_PAUSE);
        await new Promise(resolve => setTimeout(resolve, pause));
      }
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

  private async _listen(): Promise<void> {
    const once = this._stream.taken;
    this._stream.taken = true;
    try {
      await this._api.events(this.job.id, this._heard, once, event => this._hear(event));
    } finally {
      this._stream.taken = once && this._stream.taken;
    }
    this.job = await this._api.job(this.job.id);
    this._failures = 0;
    this.waiting = false;
    this._changed.emit();
  }

  private _hear(event: IEvent): void {
    this._heard = event.number;
    this._failures = 0;
    this.waiting = false;
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
  private _failures = 0;
  private _changed = new Signal<this, void>(this);
}

/** The jobs of this window and those that were there before it, the newest first. */
export class Runs {
  list: Run[] = [];

  constructor(private readonly _api: IApi) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Start a job and follow it. Throws a `Refusal`. */
  async start(request: JobRequest): Promise<Run> {
    const run = this._add(request, await this._api.start(request));
    this._changed.emit();
    void run.follow();
    return run;
  }

  /** Take up what the server knows of and this window does not. Throws a `Refusal`. */
  async restore(): Promise<void> {
    const known = new Set(this.list.map(run => run.job.id));
    const others = (await this._api.jobs()).filter(job => !known.has(job.id)).slice(-MOST_RUNS);
    // one that is over is heard from its beginning all the same
    const runs = others.map(job => this._add(job.asked, { ...job, state: 'queued' }));
    for (const [number, run] of runs.entries()) {
      const followed = run.follow();
      if (isOver(others[number].state)) {
        await followed; // one after another: these are only read
      }
    }
  }

  private _add(request: JobRequest, job: IJob): Run {
    const run = new Run(request, job, this._api, this._stream);
    this.list = [run, ...this.list].slice(0, MOST_RUNS);
    run.changed.connect(() => this._changed.emit());
    return run;
  }

  private readonly _stream: IStream = { taken: false };
  private _changed = new Signal<this, void>(this);
}
