/**
 * The one door to the server: every request of the extension goes through here.
 *
 *   await new Api(settings).analysis('churn.ipynb', content, false)   ->   IAnalysis, or a Refusal that says what to do
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import {
  IAnalysis,
  IContent,
  IJob,
  IOptions,
  IPreview,
  IProject,
  IStatus,
  ITrouble,
  JobRequest,
  JobState
} from './wire';

/** The server said no, or said nothing at all (status 0). */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly trouble: ITrouble
  ) {
    super(trouble.message);
  }
}

/** What happens in a job. */
export interface IEvent {
  number: number;
  name: 'state' | 'step' | 'line' | 'end';
  data: string;
}

/** What the models need of the server; the real one is `Api`. */
export interface IApi {
  status(): Promise<IStatus>;
  /** Throws a `Refusal`, also when it is aborted: then the server gives the question up. */
  analysis(path: string, content: IContent, plan: boolean, signal: AbortSignal): Promise<IAnalysis>;
  preview(path: string, content: IContent, folder: string, options: IOptions): Promise<IPreview>;
  project(folder: string): Promise<IProject | null>;
  jobs(): Promise<IJob[]>;
  start(request: JobRequest): Promise<IJob>;
  job(id: string): Promise<IJob>;
  cancel(id: string): Promise<IJob>;
  /** What happens in a job, until it is over; with `once` what has happened so far. */
  events(id: string, after: number, once: boolean, hear: (event: IEvent) => void): Promise<void>;
  schedule(definition: IDefinition): Promise<void>;
}

/** A job definition of jupyter-scheduler. */
export interface IDefinition {
  name: string;
  input_uri: string;
  runtime_environment_name: string;
  output_formats: string[];
  schedule: string;
  timezone: string;
  parameters: Record<string, string>;
}

export class Api implements IApi {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  status(): Promise<IStatus> {
    return this._ask('nb2prod/status');
  }

  analysis(path: string, content: IContent, plan: boolean, signal: AbortSignal): Promise<IAnalysis> {
    return this._ask('nb2prod/analysis', 'POST', plan ? { path, content, plan } : { path, content }, signal);
  }

  preview(path: string, content: IContent, folder: string, options: IOptions): Promise<IPreview> {
    return this._ask('nb2prod/preview', 'POST', { path, content, options, ...(folder ? { folder } : {}) });
  }

  project(folder: string): Promise<IProject | null> {
    return this._ask<{ project: IProject | null }>(`nb2prod/project?folder=${encodeURIComponent(folder)}`).then(
      ({ project }) => project
    );
  }

  async jobs(): Promise<IJob[]> {
    return (await this._ask<{ jobs: IJob[] }>('nb2prod/jobs')).jobs;
  }

  start(request: JobRequest): Promise<IJob> {
    return this._ask('nb2prod/jobs', 'POST', request);
  }

  job(id: string): Promise<IJob> {
    return this._ask(`nb2prod/jobs/${id}`);
  }

  cancel(id: string): Promise<IJob> {
    return this._ask(`nb2prod/jobs/${id}`, 'DELETE');
  }

  async schedule(definition: IDefinition): Promise<void> {
    const environments: { name: string; output_formats: { name: string }[] }[] = await this._ask(
      'scheduler/runtime_environments'
    );
    const found = environments.find(one => one.name === definition.runtime_environment_name) ?? environments[0];
    const runtime_environment_name = found?.name ?? definition.runtime_environment_name;
    await this._ask('scheduler/job_definitions', 'POST', { ...definition, runtime_environment_name });
  }

  async events(id: string, after: number, once: boolean, hear: (event: IEvent) => void): Promise<void> {
    const response = await this._send(`nb2prod/jobs/${id}/events?after=${after}${once ? '&once=1' : ''}`, 'GET');
    if (!response.ok || !response.body) {
      throw await refusalOf(response);
    }
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      text += decoder.decode(value, { stream: !done });
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      parts.map(parseEvent).forEach(event => event && hear(event));
      if (done) {
        return;
      }
    }
  }

  private async _ask<T>(route: string, method = 'GET', body?: object, signal?: AbortSignal): Promise<T> {
    const response = await this._send(route, method, body, signal);
    if (!response.ok) {
      throw await refusalOf(response);
    }
    return response.json();
  }

  private async _send(route: string, method: string, body?: object, signal?: AbortSignal): Promise<Response> {
    const url = URLExt.join(this._settings.baseUrl, route);
    const init = { method, ...(body ? { body: JSON.stringify(body) } : {}), ...(signal ? { signal } : {}) };
    try {
      return await ServerConnection.makeRequest(url, init, this._settings);
    } catch (error) {
      throw new Refusal(0, { kind: 'Gone', message: String(error), hint: '', diagnostics: [] });
    }
  }
}

/** One event of a stream; null for a comment that only says that the stream is alive. */
export function parseEvent(text: string): IEvent | null {
  const fields = new Map(
    text.split('\n').map(line => {
      const at = line.indexOf(': ');
      return [line.slice(0, at), line.slice(at + 2)] as [string, string];
    })
  );
  const number = Number(fields.get('id'));
  return number
    ? { number, name: fields.get('event') as IEvent['name'], data: JSON.parse(fields.get('data') ?? '""') }
    : null;
}

async function refusalOf(response: Response): Promise<Refusal> {
  let trouble: Partial<ITrouble> = {};
  try {
    trouble = await response.json();
  } catch {
    // a proxy's page, perhaps
  }
  const message = trouble.message || response.statusText || `status ${response.status}`;
  return new Refusal(response.status, { kind: 'Refused', hint: '', diagnostics: [], ...trouble, message });
}

/** Whether a job has ended. */
export function isOver(state: JobState): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}
