import * as React from 'react';
import { act, Simulate } from 'react-dom/test-utils';
import { createRoot } from 'react-dom/client';

import { isValue, Parameters, sourceOf } from '../components/Parameters';
import { Plan, signatureOf } from '../components/Plan';
import { change, ParameterForm } from '../components/RunView';
import { Summary } from '../components/Summary';
import { Sides } from '../components/VerdictView';
import { Desk, IActions } from '../desk';
import { IApi } from '../request';
import { Session } from '../session';
import { IParameter } from '../wire';
import { analysis, trans } from './samples';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const limit = analysis.parameters[0];

function shown(element: JSX.Element): HTMLElement {
  const place = document.createElement('div');
  act(() => createRoot(place).render(element));
  return place;
}

describe('the summary', () => {
  it('counts, and shows what is in a notebook as text, never as markup', () => {
    const went: unknown[] = [];
    const actions = { goTo: (...to: unknown[]) => went.push(to), tagsOf: () => ['drop'] } as unknown as IActions;
    const desk = new Desk({} as IApi, actions);
    desk.session = { analysis, changed: { connect: () => true }, source: { path: 'a' } } as unknown as Session;
    desk.cell = 4;
    const place = shown(<Summary desk={desk} trans={trans} />);
    expect([...place.querySelectorAll('dd')].map(one => one.textContent).slice(0, 2)).toEqual(['2 of 5', '1 of 3']);
    expect(place.querySelectorAll('img, b').length).toBe(0);
    expect(place.textContent).toContain('<img src=x onerror=alert(1)>');
    expect(place.querySelector('[aria-pressed=true]')?.textContent).toBe('Drop');
    (place.querySelector('.jp-nb2prod-findings button') as HTMLElement).click();
    expect(went).toEqual([[4, 1]]);
  });
});

describe('the form of parameters', () => {
  it('gives only what was changed', () => {
    expect(change({}, limit, '4')).toEqual({ limit: '4' });
    expect(change({ limit: '4' }, limit, '3')).toEqual({});
    const place = shown(
      <ParameterForm
        parameters={[limit, { ...limit, name: 'key', secret: true }]}
        trans={trans}
        onRun={() => undefined}
      />
    );
    expect([...place.querySelectorAll('input')].map(input => [input.name, input.type, input.value])).toEqual([
      ['limit', 'number', '3']
    ]);
  });

  it('writes what is typed as Python', () => {
    const kind = (type: string) => ({ type }) as IParameter;
    expect(sourceOf('a "b"', kind('str'))).toBe('"a \\"b\\""');
    expect(sourceOf('[1.0, true, null, "true"]', kind('list'))).toBe('[1.0, True, None, "true"]');
    expect(sourceOf('TRUE', kind('bool'))).toBe('True');
    const typed: [string, string][] = [
      ['010', 'int'],
      ['1e-3', 'float'],
      ['x', 'float'],
      ['[1', 'list'],
      ['', 'str']
    ];
    expect(typed.map(([text, type]) => isValue(text, kind(type)))).toEqual([false, true, false, false, true]);
  });
});

describe('the table of parameters', () => {
  const literals = [
    { cell: 2, span: { start_line: 1, start_column: 4, end_line: 1, end_column: 5 } },
    { cell: 4, span: { start_line: 1, start_column: 0, end_line: 1, end_column: 1 } }
  ];
  const done: unknown[] = [];
  const wishes = new Map([[4, { 'f.0': { parameter: false } }]]);
  const actions = {
    wishesOf: (cell: number) => wishes.get(cell) ?? {},
    wishes: () => wishes,
    wish: (...told: unknown[]) => done.push(told),
    setValue: (...told: unknown[]) => done.push(told)
  } as unknown as IActions;
  const table = (planned: boolean) => {
    const desk = new Desk({} as IApi, actions);
    const secret = { ...limit, name: 'key', secret: true, default: null, type: 'str' };
    desk.session = {
      analysis: {
        ...analysis,
        parameters: [limit, secret],
        plan: {
          package: 'a',
          stages: [],
          parameters: [
            { name: 'limit', source: 'LIMIT', literals },
            { name: 'key', source: '', literals: [] }
          ]
        },
        offered: [{ source: 'head.0', value: '<b>5</b>', cell: 1, line: 1 }]
      },
      planned,
      changed: { connect: () => true },
      source: { path: 'a' }
    } as unknown as Session;
    desk.cell = 1;
    return <Parameters desk={desk} trans={trans} />;
  };

  it('asks for names, types, descriptions, and what is a parameter, by the words of the notebook', () => {
    const place = shown(table(true));
    const [name, value, help] = [...place.querySelectorAll('input')];
    const type = (input: HTMLInputElement, text: string) => {
      act(() => Simulate.change(input, { target: { value: text } } as never));
      act(() => Simulate.keyDown(input, { key: 'Enter' }));
    };
    done.length = 0;
    type(name, '1 bad');
    type(name, 'most');
    type(name, '');
    type(help, 'How many');
    act(() => Simulate.change(place.querySelector('select')!, { target: { value: 'float' } } as never));
    place
      .querySelectorAll<HTMLElement>('button')
      .forEach(button => /^(cell|Forget)/.test(button.textContent!) || button.click());
    expect(done).toEqual([
      [2, 'LIMIT', { name: 'most' }],
      [2, 'LIMIT', { name: undefined }],
      [2, 'LIMIT', { help: 'How many' }],
      [2, 'LIMIT', { type: 'float' }],
      [2, 'LIMIT', { parameter: false }],
      [4, 'f.0', { parameter: undefined }],
      [1, 'head.0', { parameter: true }]
    ]);
    done.length = 0;
    type(value, 'x');
    type(value, '4');
    expect(done).toEqual([[literals, '4']]);
    expect(place.querySelectorAll('b').length).toBe(0);
    expect(place.textContent).toContain('from the environment');
  });

  it('keeps a value until it is known where the old one stands', () => {
    const place = document.createElement('div');
    const root = createRoot(place);
    act(() => root.render(table(false)));
    const value = place.querySelectorAll('input')[1];
    done.length = 0;
    act(() => Simulate.change(value, { target: { value: '7' } } as never));
    act(() => Simulate.blur(value));
    expect(done).toEqual([]);
    act(() => root.render(table(true)));
    expect(done).toEqual([[literals, '7']]);
  });
});

describe('values side by side', () => {
  it('are text or pictures, never markup', () => {
    const views = [0, 1].map(() => ({
      kind: 'table' as const,
      image: '',
      text: '',
      rows: [['<i>a</i>'], ['1']]
    })) as never;
    const one = {
      name: 'x',
      outcome: 'same' as const,
      how: 'exactly',
      notebook: '',
      package: '',
      difference: '',
      views
    };
    const place = shown(<Sides comparisons={[one]} trans={trans} />);
    expect(place.querySelectorAll('i').length).toBe(0);
    expect([...place.querySelectorAll('td table th')].map(head => head.textContent)).toEqual(['<i>a</i>', '<i>a</i>']);
  });
});

describe('the plan', () => {
  it('lets a stage be renamed, merged and moved, and says what cannot be', () => {
    const stages = [
      { name: 'load', module: 'data', statements: ['1.0', '2.0'], inputs: [], outputs: [], title: '' },
      { name: 'save', module: 'output', statements: ['4.0'], inputs: [], outputs: [], title: '' }
    ];
    const unmet = {
      code: 'NB304',
      severity: 'warning',
      message: 'no stage can be called `x`',
      hint: '',
      cell: 1,
      line: 1
    };
    const wishes: unknown[] = [];
    const actions = {
      stageOf: (cell: number) => (cell === 1 ? 'load' : null),
      placeInStages: (wish: Map<number, string> | null) => wishes.push(wish && Object.fromEntries(wish))
    } as unknown as IActions;
    const desk = new Desk({} as IApi, actions);
    desk.session = {
      analysis: { ...analysis, diagnostics: [unmet], plan: { package: 'a', stages } },
      planned: true,
      changed: { connect: () => true },
      source: { path: 'a' }
    } as unknown as Session;
    const place = shown(<Plan desk={desk} trans={trans} />);
    expect(place.querySelector('.jp-nb2prod-findings')?.textContent).toContain('no stage can be called `x`');
    const name = place.querySelector('input')!;
    act(() => Simulate.change(name, { target: { value: '1 bad' } } as never));
    act(() => Simulate.blur(name));
    act(() => Simulate.change(name, { target: { value: 'fetch' } } as never));
    act(() => Simulate.keyDown(name, { key: 'Enter' }));
    act(() => Simulate.change(place.querySelectorAll('select')[1], { target: { value: 'next' } } as never));
    const buttons = [...place.querySelectorAll<HTMLElement>('button.jp-mod-styled')];
    expect(buttons.map(button => button.textContent)).toEqual(['Merge with save', 'Forget all changes to stages']);
    buttons.forEach(button => button.click());
    expect(wishes).toEqual([
      { 1: 'fetch', 2: 'fetch' },
      { 1: 'load', 2: 'save', 4: 'save' },
      { 1: 'load', 2: 'load', 4: 'load' },
      null
    ]);
  });
});

describe('a signature', () => {
  it('names what a stage takes and gives', () => {
    const stage = {
      name: 'load',
      module: 'data',
      statements: [],
      title: '',
      inputs: [{ name: 'path', type: '' }],
      outputs: [{ name: 'df', type: 'pandas.DataFrame' }]
    };
    expect(signatureOf(stage)).toBe('load(path) → df: DataFrame');
  });
});
