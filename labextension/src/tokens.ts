/** The names of commands and settings, in one place. */

export const PLUGIN = 'nb2prod:plugin';
export const PANEL = 'nb2prod-panel';

export const COMMANDS = {
  convert: 'nb2prod:convert',
  panel: 'nb2prod:show-panel',
  preview: 'nb2prod:preview',
  marks: 'nb2prod:toggle-marks',
  decide: 'nb2prod:decide'
} as const;
