/**
 * What goes over the wire, as `nb2prod/server/openapi.json` describes it.
 *
 *   POST nb2prod/analysis  ->  IAnalysis      GET nb2prod/jobs/ID  ->  IJob
 */

export interface IStatement {
  start: number;
  end: number;
  live: boolean;
  reason: string;
  certainty: string;
}

export type Verdict = 'live' | 'partial' | 'dead' | 'parameters' | 'imports' | 'definitions' | 'directive';

export interface ICell {
  index: number;
  id: string;
  verdict: Verdict;
  statements: IStatement[];
}

export interface IDiagnostic {
  code: string;
  severity: 'error' | 'warning' | 'note';
  message: string;
  hint: string;
  cell: number | null;
  line: number | null;
}

export interface IResult {
  name: string;
  kind: 'variable' | 'text' | 'figure' | 'file';
  why: string;
  statement: string | null;
  path: string;
}

export interface IParameter {
  name: string;
  type: string;
  default: unknown;
  cell: number;
  line: number;
  origin: string;
  help: string;
  secret: boolean;
}

/** Where something stands in a cell: lines from 1, columns from 0, the end exclusive. */
export interface ISpan {
  start_line: number;
  start_column: number;
  end_line: number;
  end_column: number;
}

export interface IPlace {
  cell: number;
  span: ISpan;
}

/** A parameter as the plan knows it: the value in the notebook's own words ('' for a secret), and where that is written. */
export interface IPlanned {
  name: string;
  source: string;
  literals: IPlace[];
}

/** A value that is no parameter and can be made one. */
export interface IOffered {
  source: string;
  value: unknown;
  cell: number;
  line: number;
}

export interface IVariable {
  name: string;
  type: string;
}

export interface IStage {
  name: string;
  module: string;
  statements: string[];
  inputs: IVariable[];
  outputs: IVariable[];
  title: string;
}

export interface IPlan {
  package: string;
  stages: IStage[];
  parameters: IPlanned[];
}

export interface IEdge {
  from: number;
  to: number;
  through: string[];
}

export interface IAnalysis {
  character: 'job' | 'report';
  cells: ICell[];
  parameters: IParameter[];
  results: IResult[];
  diagnostics: IDiagnostic[];
  edges: IEdge[];
  plan: IPlan | null;
  offered: IOffered[];
}

export interface IPreviewFile {
  path: string;
  size: number;
  text: string | null;
  old: string | null;
  state: 'new' | 'same' | 'changed';
}

export interface IPreview {
  package: string;
  folder: string;
  files: IPreviewFile[];
}

export interface IView {
  kind: 'image' | 'table' | 'text';
  image: string;
  rows: string[][];
  text: string;
}

export interface IComparison {
  name: string;
  outcome: 'same' | 'different' | 'unknown' | 'nondeterministic';
  how: string;
  notebook: string;
  package: string;
  difference: string;
  views?: [IView, IView] | null;
}

export interface IVerdict {
  outcome: 'same' | 'different' | 'unknown';
  reason: string;
  comparisons: IComparison[];
  restored: string[];
}

export interface IManifest {
  package: string;
  parameters: IParameter[];
  verdict: string;
  notebook: { path: string };
}

/** A project that is there. */
export interface IProject {
  folder: string;
  manifest: IManifest;
}

export interface IJobResult {
  folder?: string;
  verdict?: IVerdict | null;
  failures?: { cell: number; message: string }[];
  diagnostics?: IDiagnostic[];
  files?: string[];
  manifest?: IManifest;
  code?: number;
  output?: string | null;
}

export interface ITrouble {
  kind: string;
  message: string;
  hint: string;
  diagnostics: IDiagnostic[];
}

export type JobKind = 'convert' | 'verify' | 'run' | 'test' | 'schedule';
export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export interface IJob {
  id: string;
  kind: JobKind;
  title: string;
  asked: JobRequest; // as far as it says which notebook and folder
  state: JobState;
  result: IJobResult | null;
  error: ITrouble | null;
  last: number;
}

export interface ITarget {
  name: string;
  summary: string;
  expresses: string[];
}

export interface IStatus {
  version: string;
  targets: ITarget[];
  scheduler: boolean;
  files: boolean;
}

export interface IOptions {
  run?: boolean;
  force?: boolean;
  target?: string[];
  schedule?: string;
  timezone?: string;
  timeout?: number;
  package?: string;
}

/** A job as it is asked for. */
export type JobRequest =
  | { kind: 'convert'; path: string; folder?: string; options?: IOptions }
  | { kind: 'verify' | 'test'; folder: string }
  | { kind: 'run'; folder: string; path?: string; parameters?: Record<string, string>; notebook?: boolean }
  | { kind: 'schedule'; folder: string; targets: string[]; cron?: string; timezone?: string };

/** A notebook as it is sent: sources and tags, and of the outputs only what an analysis looks at. */
export interface IContent {
  cells: object[];
  metadata: object;
  nbformat: number;
  nbformat_minor: number;
}
