/** Data as the server sends it, and a translation that translates nothing. */
import { TranslationBundle } from '@jupyterlab/translation';

import { IAnalysis } from '../wire';

export const trans = {
  __: (text: string, ...values: unknown[]) => text.replace(/%(\d)/g, (_, number) => String(values[Number(number) - 1]))
} as unknown as TranslationBundle;

const statement = (start: number, live: boolean, reason: string) => ({
  start,
  end: start,
  live,
  reason,
  certainty: 'static'
});

export const analysis: IAnalysis = {
  character: 'job',
  cells: [
    { index: 1, id: 'a', verdict: 'live', statements: [statement(1, true, 'needed by `total`')] },
    {
      index: 2,
      id: 'b',
      verdict: 'partial',
      statements: [statement(1, true, 'kept'), statement(2, false, 'only shows'), statement(1, false, 'gone')]
    },
    { index: 4, id: 'c', verdict: 'dead', statements: [statement(1, false, '<img src=x onerror=alert(1)>')] }
  ],
  parameters: [
    { name: 'limit', type: 'int', default: 3, cell: 1, line: 1, origin: 'constant', help: '', secret: false }
  ],
  results: [{ name: 'total', kind: 'variable', why: 'a conclusion', statement: '2.0', path: '' }],
  diagnostics: [{ code: 'NB1', severity: 'warning', message: '<b>odd</b>', hint: 'look', cell: 4, line: 1 }],
  edges: [
    { from: 1, to: 2, through: ['`df`'] },
    { from: 1, to: 4, through: ['`df`'] },
    { from: 2, to: 4, through: ['`x`'] }
  ],
  plan: null,
  offered: []
};
