import { Signal } from '@lumino/signaling';

import { slimCell } from '../content';
import { decided, decisionOf } from '../decisions';
import { graphOf, layout } from '../graph';
import { Run, Runs } from '../jobs';
import { marksOf } from '../marks';
import { IApi, IEvent, parseEvent, Refusal } from '../request';
import { ISource, Session } from '../session';
import { merged, moved, renamed, tagged } from '../stages';
import { IAnalysis, IContent, IJob, IStage, JobRequest } from '../wire';
import { replaced, wishesIn, withWish, withWishes } from '../wishes';
import { analysis, trans } from './samples';

const wait = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));
const gone = () => new Refusal(0, { kind: 'Gone', message: 'gone', hint: '', diagnostics: [] });
const asked: JobRequest = { kind: 'test', folder: 'a' };
const job: IJob = { id: 'j', kind: 'test', title: '', asked, state: 'queued', result: null, error: null, last: 0 };
const stage = (name: string, ...cells: number[]): IStage => ({
  name,
  module: 'data',
  statements: cells.map(cell => `${cell}.0`),
  inputs: [],
  outputs: [],
  title: ''
});

class Notebook implements ISource {
  path = 'a.ipynb';
  text = '1';
  changed = new Signal<this, void>(this);
  content(): IContent {
    return { cells: [{ source: this.text }], metadata: {}, nbformat: 4, nbformat_minor: 5 };
  }
  type(text: string): void {
    this.text = text;
    this.changed.emit();
  }
}

describe('marks', () => {
  it('say what each cell is, why, and which lines go', () => {
    const marks = marksOf(analysis, trans);
    expect([...marks].map(([cell, mark]) => [cell, mark.kind])).toEqual([
      [1, 'parameter'],
      [2, 'partial'],
      [4, 'dead']
    ]);
    expect(marks.get(2)).toEqual({
      kind: 'partial',
      label: 'Partly live',
      reasons: ['Result total: a conclusion', 'line 2: dropped: only shows', 'line 1: dropped: gone', 'line 1: kept'],
      dead: [2],
      mixed: [1]
    });
  });
});

describe('decisions', () => {
  it('replace one another and leave other tags alone', () => {
    expect(decided(['slow', 'result'], 'drop')).toEqual(['slow', 'drop']);
    expect(decided(['slow', 'drop'], null)).toEqual(['slow']);
    expect(decisionOf(['slow', 'keep'])).toBe('keep');
  });
});

describe('stages', () => {
  const stages = [stage('load', 1, 2), stage('clean', 4, 5), stage('save', 6)];

  it('are renamed and merged by what their cells are tagged', () => {
    expect([...renamed(stages, 0, 'fetch')]).toEqual([
      [1, 'fetch'],
      [2, 'fetch']
    ]);
    expect([...merged(stages, 1)]).toEqual([
      [4, 'clean'],
      [5, 'clean'],
      [6, 'clean']
    ]);
    expect(tagged(['slow', 'stage:old'], 'new')).toEqual(['slow', 'stage:new']);
    expect(tagged(['stage:old'], null)).toEqual([]);
  });

  it('give cells to their neighbours, or split, in the order of the code', () => {
    const way = (cell: number, to: 'previous' | 'next' | 'new') => Object.fromEntries(moved(stages, 1, cell, to));
    expect(way(4, 'previous')).toEqual({ 1: 'load', 2: 'load', 4: 'load', 5: 'clean' });
    expect(way(5, 'previous')).toEqual({ 1: 'load', 2: 'load', 4: 'load', 5: 'load' });
    expect(way(5, 'next')).toEqual({ 4: 'clean', 5: 'save', 6: 'save' });
    expect(way(5, 'new')).toEqual({ 4: 'clean', 5: 'clean_2' });
  });
});

describe('wishes about parameters', () => {
  it('are kept by value, and go when nothing is asked any more', () => {
    const named = withWish({}, 'LIMIT', { name: 'most', help: undefined });
    expect(named).toEqual({ LIMIT: { name: 'most' } });
    const out = withWish(named, 'LIMIT', { parameter: false });
    expect(out).toEqual({ LIMIT: { name: 'most', parameter: false } });
    expect(withWish(out, 'LIMIT', null)).toEqual({});
    expect(withWish(named, 'LIMIT', { name: undefined })).toEqual({});
    expect(withWishes({ other: 1 }, out)).toEqual({ other: 1, parameters: out });
    expect(withWishes({ parameters: out }, {})).toBeUndefined();
    expect([3, null, [], { parameters: [] }].map(wishesIn)).toEqual([{}, {}, {}, {}]);
  });

  it('go to the server with the cell', () => {
    const metadata = { tags: ['keep'], nb2prod: { parameters: { A: { name: 'b' } } }, scrolled: true };
    expect(slimCell({ id: 'a', cell_type: 'markdown', source: '', metadata })).toMatchObject({
      metadata: { tags: ['keep'], nb2prod: { parameters: { A: { name: 'b' } } } }
    });
  });
});

describe('a value in a text', () => {
  const at = (line: number, start: number, end: number) => ({
    start_line: line,
    start_column: start,
    end_line: line,
    end_column: end
  });

  it('is replaced where it stands, counted in characters as Python counts', () => {
    expect(replaced('a = 1\n"😀"; f(3)', at(2, 7, 8), '4')).toBe('a = 1\n"😀"; f(4)');
    expect(replaced("f('a', -2)", at(1, 2, 5), '"b"')).toBe('f("b", -2)');
    expect(replaced('k = (1, 2)', at(1, 4, 10), '[3]')).toBe('k = (3,)');
    expect(replaced('k = [1,\n 2]', { start_line: 1, start_column: 4, end_line: 2, end_column: 3 }, '[]')).toBe(
      'k = []'
    );
  });

  it('is left alone where something else stands', () => {
    expect(replaced('f(other)', at(1, 2, 7), '4')).toBeNull();
    expect(replaced('f(1)', at(9, 2, 3), '4')).toBeNull();
  });
});

describe('the graph', () => {
  it('leaves out dropped cells unless asked, and edges that others imply', () => {
    expect(graphOf(analysis, false)).toEqual({ cells: [1, 2], edges: [analysis.edges[0]] });
    const all = graphOf(analysis, true);
    expect(all.edges).toEqual([analysis.edges[0], analysis.edges[2]]);
    expect(layout(all.cells, all.edges).nodes.map(node => node.cell)).toEqual([1, 2, 4]);
  });
});

describe('a session', () => {
  it('asks once for many edits, never shows an older answer, and plans when it is quiet', async () => {
    const asked: [string, boolean][] = [];
    const api = {
      analysis: async (_: string, content: IContent, plan: boolean): Promise<IAnalysis> => {
        const { source } = content.cells[0] as { source: string };
        asked.push([source, plan]);
        await wait(10);
        return { ...analysis, plan: plan ? { package: source, stages: [], parameters: [] } : null };
      }
    } as unknown as IApi;
    const notebook = new Notebook();
    const session = new Session(notebook, api, { analysis: 5, plan: 30, retry: 20 });
    session.refresh();
    await wait(8);
    notebook.type('12');
    notebook.type('123');
    await wait(150);
    expect(asked).toEqual([
      ['1', false],
      ['123', false],
      ['123', true]
    ]);
    expect([session.planned, session.analysis?.plan?.package]).toEqual([true, '123']);
    session.dispose();
  });

  it('gives up what is outdated, a plan as well, but not for ever', async () => {
    const log: string[] = [];
    const api = {
      analysis: async (_: string, content: IContent, plan: boolean, signal: AbortSignal): Promise<IAnalysis> => {
        const name = (content.cells[0] as { source: string }).source + (plan ? ' plan' : '');
        signal.addEventListener('abort', () => log.push(`${name} given up`));
        await wait(plan ? 1000 : 60);
        log.push(signal.aborted ? `${name} too late` : name);
        return analysis;
      }
    } as unknown as IApi;
    const notebook = new Notebook();
    const session = new Session(notebook, api, { analysis: 1, plan: 10, retry: 20 });
    session.refresh();
    await wait(20);
    notebook.type('12');
    await wait(120); // and the plan is under way
    notebook.type('123');
    await wait(100);
    expect(log).toEqual(['1 given up', '1 too late', '12', '12 plan given up', '123']);
    log.length = 0;
    for (let number = 0; number < 70; number++) {
      notebook.type(`9${number}`);
      await wait(20);
    }
    expect(log.some(line => /^9\d+$/.test(line))).toBe(true);
    session.dispose();
  });

  it('keeps its marks where only the plan takes too long', async () => {
    const slow = new Refusal(503, { kind: 'Limit', message: 'no answer within 30 seconds', hint: '', diagnostics: [] });
    const api = {
      analysis: async (_: string, content: IContent, plan: boolean) => {
        if (plan) {
          throw slow;
        }
        return analysis;
      }
    } as unknown as IApi;
    const session = new Session(new Notebook(), api, { analysis: 1, plan: 5, retry: 5 });
    session.refresh();
    await wait(60);
    expect([session.offline, session.analysis, session.planned, session.trouble]).toEqual([
      false,
      analysis,
      true,
      slow.trouble
    ]);
    session.dispose();
  });

  it('keeps what it knows while the server is gone, and asks again', async () => {
    let answers = 0;
    const api = {
      analysis: async () => {
        answers += 1;
        if (answers === 2) {
          throw gone();
        }
        return analysis;
      }
    } as unknown as IApi;
    const notebook = new Notebook();
    const session = new Session(notebook, api, { analysis: 1, plan: 10_000, retry: 30 });
    session.refresh();
    await wait(20);
    notebook.type('2');
    await wait(15);
    expect([session.offline, session.analysis]).toEqual([true, analysis]);
    await wait(60);
    expect([session.offline, session.trouble]).toEqual([false, null]);
    session.dispose();
  });
});

describe('a run', () => {
  it('goes on hearing where the connection broke', async () => {
    const asked: number[] = [];
    const api = {
      start: async () => job,
      job: async () => ({ ...job, state: 'done', result: { code: 0 } }),
      events: async (_: string, after: number, once: boolean, hear: (event: IEvent) => void) => {
        asked.push(after);
        hear({ number: after + 1, name: 'line', data: `line ${after + 1}` });
        if (asked.length === 1) {
          throw gone();
        }
      }
    } as unknown as IApi;
    const run = await new Runs(api).start({ kind: 'test', folder: 'a' });
    await wait(1200);
    expect([asked, run.lines, run.job.state]).toEqual([[0, 1], ['line 1', 'line 2'], 'done']);
  });
});

describe('a run of a server that was killed', () => {
  it('waits while nobody answers, and is lost once another server does not know it', async () => {
    const answers = [
      gone(),
      gone(),
      new Refusal(404, { kind: 'Refused', message: 'no such job', hint: '', diagnostics: [] })
    ];
    const api = {
      events: async () => {
        throw answers.shift();
      }
    } as unknown as IApi;
    const run = new Run(asked, job, api, { taken: false }, 10);
    const seen: boolean[] = [];
    run.changed.connect(() => seen.push(run.waiting));
    await run.follow();
    expect([seen, run.job.state, run.job.error?.kind]).toEqual([[true, true, false], 'failed', 'Lost']);
  });
});

describe('several runs', () => {
  it('share one stream: the others only ask what has happened', async () => {
    const asked: [string, boolean][] = [];
    const api = {
      start: async (request: { folder: string }) => ({ ...job, id: request.folder }),
      job: async (id: string) => ({ ...job, id, state: 'done', result: { code: 0 } }),
      events: async (id: string, _: number, once: boolean) => {
        asked.push([id, once]);
        await wait(20);
      }
    } as unknown as IApi;
    const runs = new Runs(api);
    await runs.start({ kind: 'test', folder: 'a' });
    await runs.start({ kind: 'test', folder: 'b' });
    await wait(60);
    await runs.start({ kind: 'test', folder: 'c' });
    await wait(60);
    expect(asked).toEqual([
      ['a', false],
      ['b', true],
      ['c', false]
    ]);
  });

  it('are taken up again by another window, with all that was heard', async () => {
    const over = { ...job, state: 'done', result: { code: 0 } };
    const api = {
      jobs: async () => [{ ...over, result: null }],
      job: async () => over,
      events: async (_: string, after: number, once: boolean, hear: (event: IEvent) => void) =>
        hear({ number: after + 1, name: 'line', data: '3 passed' })
    } as unknown as IApi;
    const runs = new Runs(api);
    await runs.restore();
    await runs.restore();
    expect(runs.list.map(run => [run.request, run.lines, run.job])).toEqual([[asked, ['3 passed'], over]]);
  });
});

describe('events', () => {
  it('are read, comments are not', () => {
    expect(parseEvent('id: 3\nevent: line\ndata: "a: b"')).toEqual({ number: 3, name: 'line', data: 'a: b' });
    expect(parseEvent(': still there')).toBeNull();
  });
});
