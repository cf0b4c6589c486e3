/** What was started for this notebook: progress, verdict, and what can be done with the project. */
import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Run } from '../jobs';
import { troubleOf } from '../session';
import { IParameter, ITrouble, JobKind } from '../wire';
import { Value } from './Fields';
import { IProps } from './Panel';
import { textOf } from './Parameters';
import { ScheduleForm } from './ScheduleForm';
import { Findings, Trouble } from './Trouble';
import { VerdictView } from './VerdictView';

export function RunView({ desk, trans }: IProps): JSX.Element {
  const path = desk.session!.source.path;
  const { project, currentRuns: runs } = desk;
  React.useEffect(() => void desk.findProject(), [path]);
  return (
    <>
      {project && (
        <Project
          key={project.folder}
          folder={project.folder}
          path={path}
          parameters={project.manifest.parameters}
          desk={desk}
          trans={trans}
        />
      )}
      {runs.length === 0 && !project && <p>{trans.__('Nothing was started yet. Convert the notebook first.')}</p>}
      {runs.map(run => (
        <RunCard key={run.job.id} run={run} desk={desk} trans={trans} />
      ))}
    </>
  );
}

/** The name of each kind of job. */
export function kinds(trans: TranslationBundle): Record<JobKind, string> {
  return {
    convert: trans.__('Conversion'),
    verify: trans.__('Proof'),
    run: trans.__('Run with other parameters'),
    test: trans.__('Tests'),
    schedule: trans.__('Schedule')
  };
}

export function RunCard({ run, desk, trans }: IProps & { run: Run }): JSX.Element {
  const { job } = run;
  const states = {
    queued: trans.__('waiting for its turn'),
    running: trans.__('running'),
    done: trans.__('done'),
    failed: trans.__('failed'),
    cancelled: trans.__('cancelled: nothing was written')
  };
  const again: Record<string, string> = {
    SaveError: trans.__('Choose another folder…'),
    Lost: trans.__('Convert again…')
  };
  const code = job.result?.code;
  const ended =
    code === undefined || (code === 0 && job.kind !== 'test' && job.kind !== 'verify')
      ? states[job.state]
      : code === 0
        ? trans.__('passed')
        : trans.__('failed with code %1', code);
  return (
    <section className="jp-nb2prod-run" data-kind={job.kind} data-state={job.state} aria-label={kinds(trans)[job.kind]}>
      <h3>
        {kinds(trans)[job.kind]}:{' '}
        <span role="status">{run.waiting ? trans.__('the server does not answer; trying again…') : ended}</span>
      </h3>
      {!run.over && (
        <div className="jp-nb2prod-progress">
          <progress aria-label={run.steps[run.steps.length - 1] ?? states[job.state]} />
          <button className="jp-mod-styled jp-mod-warn" onClick={() => void run.cancel()}>
            {trans.__('Cancel')}
          </button>
        </div>
      )}
      {run.steps.length > 0 && job.state !== 'done' && (
        <ol className="jp-nb2prod-steps">
          {run.steps.map((step, number) => (
            <li key={number} aria-current={number === run.steps.length - 1 && !run.over ? 'step' : undefined}>
              {step}
            </li>
          ))}
        </ol>
      )}
      {job.error && <Trouble trouble={job.error} desk={desk} trans={trans} />}
      {job.kind === 'convert' && again[job.error?.kind ?? ''] && (
        <button className="jp-mod-styled" onClick={() => desk.actions.convert()}>
          {again[job.error!.kind]}
        </button>
      )}
      {job.result && <Outcome run={run} desk={desk} trans={trans} />}
      {run.lines.length > 0 && <Lines lines={run.lines} label={trans.__('Output')} />}
    </section>
  );
}

function Outcome({ run, desk, trans }: IProps & { run: Run }): JSX.Element {
  const result = run.job.result!;
  const folder = result.folder ?? ('folder' in run.request ? run.request.folder : undefined);
  const shown =
    result.folder && result.manifest ? ['REPORT.html', 'README.md', `src/${result.manifest.package}/pipeline.py`] : [];
  const files = run.job.kind === 'schedule' ? (result.files ?? []).map(file => `${folder}/${file}`) : [];
  return (
    <>
      {run.job.kind === 'convert' && <VerdictView result={result} desk={desk} trans={trans} brief />}
      {run.job.kind === 'convert' && (result.verdict?.comparisons.length ?? 0) > 0 && (
        <button className="jp-mod-styled" onClick={() => desk.actions.compare(run)}>
          {trans.__('Side by side')}
        </button>
      )}
      {run.job.kind === 'convert' && <Findings findings={result.diagnostics ?? []} desk={desk} trans={trans} />}
      <ul className="jp-nb2prod-links">
        {[...shown.map(file => `${folder}/${file}`), ...files, ...(result.output ? [result.output] : [])].map(file => (
          <li key={file}>
            <button
              className="jp-nb2prod-link"
              onClick={() =>
                desk.actions.open(
                  file,
                  file.endsWith('.html') ? 'HTML Viewer' : file.endsWith('.md') ? 'Markdown Preview' : undefined
                )
              }
            >
              {trans.__('Open %1', folder && file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file)}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Lines as they come; the last ones are in view. */
function Lines({ lines, label }: { lines: string[]; label: string }): JSX.Element {
  const place = React.useRef<HTMLPreElement>(null);
  React.useEffect(() => {
    if (place.current) {
      place.current.scrollTop = place.current.scrollHeight;
    }
  }, [lines]);
  return (
    <pre ref={place} tabIndex={0} role="log" aria-label={label} className="jp-nb2prod-lines">
      {lines.join('\n')}
    </pre>
  );
}

interface IProjectProps extends IProps {
  folder: string;
  path: string;
  parameters: IParameter[];
}

/** What can be done with a project that is there. */
function Project({ folder, path, parameters, desk, trans }: IProjectProps): JSX.Element {
  const [open, setOpen] = React.useState<'run' | 'schedule' | null>(null);
  const [trouble, setTrouble] = React.useState<ITrouble | null>(null);
  const attempt = async (work: () => Promise<unknown>) => {
    setTrouble(null);
    try {
      await work();
      setOpen(null);
    } catch (error) {
      setTrouble(troubleOf(error));
    }
  };
  const test = async () => {
    if (await desk.actions.confirmRun(trans.__('The tests run the code of the notebook.'))) {
      await desk.start({ kind: 'test', folder });
    }
  };
  return (
    <section aria-label={trans.__('The project')} className="jp-nb2prod-project">
      <p>
        <code>{folder}</code>
      </p>
      <div className="jp-nb2prod-buttons">
        <button className="jp-mod-styled" onClick={() => void attempt(test)}>
          {trans.__('Run tests')}
        </button>
        <button
          className="jp-mod-styled"
          aria-expanded={open === 'run'}
          onClick={() => setOpen(open === 'run' ? null : 'run')}
        >
          {trans.__('Run with other parameters')}
        </button>
        <button
          className="jp-mod-styled"
          aria-expanded={open === 'schedule'}
          onClick={() => setOpen(open === 'schedule' ? null : 'schedule')}
        >
          {trans.__('Schedule')}
        </button>
        <button className="jp-mod-styled" onClick={() => void attempt(() => desk.start({ kind: 'verify', folder }))}>
          {trans.__('Prove again')}
        </button>
      </div>
      {trouble && <Trouble trouble={trouble} desk={desk} trans={trans} />}
      {open === 'run' && (
        <ParameterForm
          parameters={parameters}
          trans={trans}
          onRun={given =>
            void attempt(() => desk.start({ kind: 'run', folder, path, parameters: given, notebook: true }))
          }
        />
      )}
      {open === 'schedule' && <ScheduleForm folder={folder} desk={desk} trans={trans} attempt={attempt} />}
    </section>
  );
}

interface IFormProps {
  parameters: IParameter[];
  trans: TranslationBundle;
  onRun: (given: Record<string, string>) => void;
}

/** A form made of the parameters; only what was changed is sent, as text that the package reads by its own types. */
export function ParameterForm({ parameters, trans, onRun }: IFormProps): JSX.Element {
  const [given, give] = React.useState<Record<string, string>>({});
  const open = parameters.filter(parameter => !parameter.secret);
  return (
    <form
      className="jp-nb2prod-form"
      aria-label={trans.__('Parameters of the run')}
      onSubmit={event => {
        event.preventDefault();
        onRun(given);
      }}
    >
      {open.map(parameter => (
        <label key={parameter.name} title={parameter.help}>
          <span>
            {parameter.name} <em>{parameter.type}</em>
          </span>
          <Value
            parameter={parameter}
            value={given[parameter.name] ?? textOf(parameter.default)}
            onChange={text => give(change(given, parameter, text))}
          />
        </label>
      ))}
      <button type="submit" className="jp-mod-styled jp-mod-accept">
        {trans.__('Run')}
      </button>
    </form>
  );
}

/** What is given after a change; a value that is the notebook's own again is not given. */
export function change(given: Record<string, string>, parameter: IParameter, text: string): Record<string, string> {
  const { [parameter.name]: _, ...others } = given;
  return text === textOf(parameter.default) ? others : { ...others, [parameter.name]: text };
}
