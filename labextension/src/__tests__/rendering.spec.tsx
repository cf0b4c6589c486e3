import * as React from 'react';
import { act, Simulate } from 'react-dom/test-utils';
import { createRoot } from 'react-dom/client';

import { sourceOf } from '../components/Parameters';
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
    expect(sourceOf('a "b"', { type: 'str' } as IParameter)).toBe('"a \\"b\\""');
    expect(sourceOf('[1, true, null]', { type: 'list' } as IParameter)).toBe('[1, True, None]');
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
